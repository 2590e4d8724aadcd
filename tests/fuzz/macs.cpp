// SPDX-License-Identifier: MIT
//
// Files of symmetric keys, where a packet's MAC begins, and the destinations that name a key. The
// first octet says which.
#include <algorithm>
#include <string>
#include <vector>

#include "announcer/core/reply.hpp"
#include "common/host/common_options.hpp"
#include "common/host/symmetric_keys.hpp"
#include "tests/fuzz/fuzz.hpp"

using namespace timecast;
using fuzz::must;

namespace {

constexpr Address kServer = Address::ipv4(192, 0, 2, 1);

const SymmetricKeys& known_keys() {
  static const SymmetricKeys keys = SymmetricKeys::parse(
                                        "10 MD5 tulip legacy\n"
                                        "25 SHA1 HEX:933F62BE1D604E68A81B557F18CFA200483F5B70\n"
                                        "30 AES128 HEX:2b7e151628aed2a6abf7158809cf4f3c\n"
                                        "31 SHA512 ASCII:hyacinth 192.0.2.0/24,fd00::/8\n",
                                        "keys")
                                        .value();
  return keys;
}

// What a key makes holds by it, and nothing that differs does.
void check_key(const SymmetricKeys& keys, std::uint32_t id, Octets message) {
  std::vector<std::uint8_t> mac(kMaxMacOctets);
  mac.resize(keys.write(id, message, mac));
  if (mac.empty()) return;
  must(mac.size() == 20 || mac.size() == 24, "a MAC's size");
  must(keys.check(id, message, mac, kServer) == kNotRejected || !keys.may_serve(id, kServer),
       "its own MAC holds");
  mac.back() ^= 1;
  must(keys.check(id, message, mac, kServer) == Reject::bad_mac, "another does not");
}

void read_file_of_keys(const std::string& text) {
  const auto keys = SymmetricKeys::parse(text, "keys");
  if (!keys) {
    must(keys.error().text.starts_with("keys:"), "a fault names the file and the line");
    must(keys.error().exit_code == kExitBadSettings, "it is one of settings");
    return;
  }
  const std::vector<std::uint8_t> message(48, 7);
  for (std::uint32_t id = 0; id < 40; ++id) check_key(*keys, id, message);
}

// A packet without a MAC is still the same with one behind it.
void append_mac(const Packet& packet, std::uint32_t id) {
  std::vector<std::uint8_t> whole{packet.octets.begin(), packet.octets.end()};
  const std::size_t end = whole.size();
  whole.resize(end + kMaxMacOctets);
  const MutableOctets octets{whole};
  whole.resize(end + known_keys().write(id, octets.first(end), octets.subspan(end)));
  const auto again = decode(whole);
  must(again || whole.size() > kMaxPacketOctets, "it is a packet");
  if (!again) return;
  must(again->fields_end == end && again->mac.size() == whole.size() - end, "its MAC is found");
  const Reject verdict = known_keys().check(id, again->octets.first(end), again->mac, kServer);
  const bool may_hold = id == 30 || packet.fields().empty();  // CMAC alone behind fields
  must(verdict == (may_hold ? kNotRejected : Reject::bad_mac), "and holds where it may");
}

void read_packet(Octets octets) {
  const auto packet = decode(octets);
  if (!packet) return;
  for (const std::uint32_t id : {10U, 25U, 30U, 31U}) {
    const Reject verdict =
        known_keys().check(id, octets.first(packet->fields_end), packet->mac, kServer);
    must(verdict <= kNotRejected, "a verdict has a name");
    must(!packet->mac.empty() || verdict == Reject::missing_mac, "no MAC is a missing one");
    must(!packet->is_crypto_nak() || verdict == Reject::unknown_mac, "a NAK holds by no key");
    const bool has_room = packet->mac.empty() && packet->header.version == kNtpVersion;
    if (has_room) append_mac(*packet, id);
  }
  const auto request = read_request(octets);
  if (request) must(request->mac.data() == packet->mac.data(), "a request brings its MAC along");
}

void read_destination(std::string_view text) {
  std::string_view place = text;
  const auto use = take_key(place);
  if (!use) return;
  must(use->key != 0 || place == text, "what is cut off is a key");
  std::string_view again = text.substr(place.size());
  must(key_text(*use).empty() || !take_key(again) || again.empty(), "and all of the rest");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const Octets octets{data + 1, size - 1};
  const std::string text{octets.begin(), octets.end()};
  switch (data[0] % 3) {
    case 0: read_file_of_keys(text); break;
    case 1: read_packet(octets); break;
    default: read_destination(text);
  }
  return 0;
}
