// SPDX-License-Identifier: MIT
//
// Any octets: a packet that is taken apart and written again alike, or a named fault.
#include <timecast/wire/announcement.hpp>

#include "announcer/core/reply.hpp"
#include "tests/fuzz/fuzz.hpp"
#include "tests/simulation/toy_signer.hpp"

using namespace timecast;
using fuzz::must;

namespace {

void check_fields(const Packet& packet) {
  std::size_t end = kHeaderOctets;
  for (const ExtensionField field : packet.fields()) {
    must(field.offset == end, "fields follow each other");
    must(field.octets.size() >= kMinFieldOctets && field.octets.size() % 4 == 0, "a field's size");
    end += field.octets.size();
    must(end <= packet.octets.size(), "a field lies in its packet");
  }
  must(end == packet.fields_end, "fields end where the MAC begins");
  must(end + packet.mac.size() == packet.octets.size(), "fields and MAC are the whole packet");
  const std::size_t mac = packet.mac.size();
  must(mac == 0 || mac == 4 || mac == 20 || mac == 24 || mac == 72, "a MAC's size");
}

void check_announcement(const Packet& packet) {
  const auto announcement = find_announcement(packet);
  static_cast<void>(find_successor(packet));
  if (!announcement) return;
  must(announcement->offset + kAnnouncementOctets == packet.octets.size(), "it is the last field");
  must(packet.mac.empty(), "no MAC behind it");
  std::array<std::uint8_t, kAnnouncementOctets> written{};
  write_announcement(written, 0, *announcement);
  must(equal_octets(written, packet.octets.subspan(announcement->offset)),
       "it is written as it was read");
  static_cast<void>(verify_packet(packet.octets, *announcement, {}, sim::toy_verifier()));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Octets octets{data, size};
  const auto packet = decode(octets);
  const auto request = read_request(octets);
  if (!packet) {
    must(packet.error() < kNotRejected, "a fault has a name");
    must(!request, "what is no packet is no request");
    return 0;
  }
  must(size >= kHeaderOctets && size <= kMaxPacketOctets && size % 4 == 0, "a packet's size");
  must(equal_octets(encode(packet->header), octets.first(kHeaderOctets)),
       "a header is written as read");
  check_fields(*packet);
  check_announcement(*packet);
  if (request) must(packet->header.mode == Mode::client, "a request's mode");
  return 0;
}
