// SPDX-License-Identifier: MIT
//
// What a signature covers, and that nothing else passes for it.
#include <string>

#include <doctest/doctest.h>
#include <timecast/wire/announcement.hpp>

#include "tests/unit/wire_hex.hpp"
#include "tests/unit/wire_toy_signer.hpp"

namespace timecast {
namespace {

using test::Bytes;
using test::from_hex;
using test::to_hex;

// "timecast announcement v1" and a zero octet.
constexpr std::string_view kContext = "74696d656361737420616e6e6f756e63656d656e7420763100";
constexpr PublicKey kKey{7, 7, 7};

Announcement announcement() {
  Announcement a;
  a.key = kKey;
  a.chain = 0x1234;
  a.query_spread = 10;
  a.interval_ms = 1'000;
  a.sequence = 1'710'699'603'000'000;
  return a;
}

Nonce counting_nonce() {
  Nonce nonce;
  for (std::size_t i = 0; i < nonce.size(); ++i) nonce[i] = static_cast<std::uint8_t>(i + 1);
  return nonce;
}

// A signed packet: with a nonce a reply, without one an announcement.
Bytes signed_packet(Octets nonce, const Bytes& before = {}) {
  Bytes packet = from_hex(test::kH5) + before + Bytes(kAnnouncementOctets);
  const std::size_t offset = packet.size() - kAnnouncementOctets;
  write_announcement(packet, offset, announcement());
  REQUIRE(sign_packet(packet, offset, nonce, test::toy_signer(kKey)));
  return packet;
}

bool is_good(const Bytes& octets, Octets nonce) {
  const auto packet = decode(octets);
  if (!packet) return false;
  const auto found = find_announcement(*packet);
  return found && verify_packet(packet->octets, *found, nonce, test::toy_verifier());
}

Bytes with_bit_flipped(Bytes octets, std::size_t bit) {
  octets[bit / 8] = static_cast<std::uint8_t>(octets[bit / 8] ^ (0x80U >> (bit % 8)));
  return octets;
}

// A signer that keeps what it was given to sign.
struct Recorder {
  Bytes message;
  std::size_t size = 0;
  [[nodiscard]] Signer signer() {
    return {[](const void* context, const SignedMessage& m, Signature& out) noexcept {
              auto& self = *static_cast<Recorder*>(const_cast<void*>(context));
              for (const Octets part : {m.context, m.nonce, m.body}) {
                self.message.insert(self.message.end(), part.begin(), part.end());
              }
              self.size = m.size();
              out.fill(0x99);
              return true;
            },
            this, kKey};
  }
};

TEST_CASE("what is signed is the context, the nonce and every octet before the signature") {
  const Nonce nonce = counting_nonce();
  struct Row {
    std::string name;
    Octets nonce;
    std::size_t before;  // octets of another field in front
  };
  const Row rows[] = {{"announcement", {}, 0}, {"reply", nonce, 0}, {"with a successor", {}, 104}};
  for (const Row& row : rows) {
    CAPTURE(row.name);
    Bytes packet = from_hex(test::kH5) + Bytes(row.before, 0x33) + Bytes(kAnnouncementOctets);
    write_announcement(packet, 48 + row.before, announcement());
    const Bytes unsigned_packet = packet;
    Recorder recorder;
    REQUIRE(sign_packet(packet, 48 + row.before, row.nonce, recorder.signer()));
    const std::size_t length = 48 + row.before + 60;
    CHECK(to_hex(recorder.message) == std::string{kContext} + to_hex(row.nonce) +
                                          to_hex(Octets{unsigned_packet}.first(length)));
    CHECK(recorder.size == recorder.message.size());
    CHECK(to_hex(Octets{packet}.first(length)) == to_hex(Octets{unsigned_packet}.first(length)));
    CHECK(to_hex(Octets{packet}.subspan(length)) == to_hex(Bytes(64, 0x99)));
  }
}

TEST_CASE("what was signed verifies, with its own nonce alone") {
  const Nonce nonce = counting_nonce();
  Nonce other = nonce;
  other[63] = 0;
  CHECK(is_good(signed_packet({}), {}));
  CHECK(is_good(signed_packet(nonce), nonce));
  CHECK(!is_good(signed_packet(nonce), {}));
  CHECK(!is_good(signed_packet(nonce), other));
  CHECK(!is_good(signed_packet({}), nonce));
  CHECK(!is_good(signed_packet({}), Nonce{}));
  CHECK(!is_good(signed_packet(Nonce{}), {}));
}

TEST_CASE("no bit of a signed packet or of its nonce can change unnoticed") {
  const Nonce nonce = counting_nonce();
  Bytes successor(kSuccessorOctets);
  write_successor(successor, 0, {});
  struct Row {
    std::string name;
    Bytes packet;
    Octets nonce;
  };
  const Row rows[] = {{"announcement", signed_packet({}), {}},
                      {"reply", signed_packet(nonce), nonce},
                      {"with a successor", signed_packet({}, successor), {}}};
  for (const Row& row : rows) {
    CAPTURE(row.name);
    REQUIRE(is_good(row.packet, row.nonce));
    for (std::size_t bit = 0; bit < row.packet.size() * 8; ++bit) {
      CAPTURE(bit);
      REQUIRE(!is_good(with_bit_flipped(row.packet, bit), row.nonce));
    }
    const Bytes nonce_octets{row.nonce.begin(), row.nonce.end()};
    for (std::size_t bit = 0; bit < nonce_octets.size() * 8; ++bit) {
      CAPTURE(bit);
      REQUIRE(!is_good(row.packet, with_bit_flipped(nonce_octets, bit)));
    }
  }
}

// Whoever asks chooses the nonce, and the nonce is signed in front of the reply. If it looks like
// a header and the beginning of a field that swallows the reply's own header, the signature of
// the reply is one over an announcement of the asker's making.
TEST_CASE("a reply to a crafted nonce is no announcement") {
  Bytes forged_start = from_hex(test::kH5i);           // any time the asker likes
  forged_start = forged_start + from_hex("f7e00040");  // a field of 64 octets: 16 here, 48 there
  forged_start = forged_start + Bytes(12);
  Nonce nonce;
  copy_octets(forged_start, nonce);
  const Bytes reply = signed_packet(nonce);
  const Bytes forged = forged_start + reply;

  const auto packet = decode(forged);
  REQUIRE(packet);
  CHECK(packet->header.mode == Mode::broadcast);
  // Nothing is wrong with its signature.
  Announcement last = announcement();
  last.offset = forged.size() - kAnnouncementOctets;
  copy_octets(Octets{forged}.last(kSignatureOctets), last.signature);
  REQUIRE(verify_packet(forged, last, {}, test::toy_verifier()));
  // That such a field may stand in front of an announcement would be.
  CHECK(find_announcement(*packet).error() == Reject::bad_announcement);
}

TEST_CASE("another key's signature does not verify") {
  const Bytes octets = signed_packet({});
  auto found = find_announcement(decode(octets).value()).value();
  REQUIRE(verify_packet(octets, found, {}, test::toy_verifier()));
  found.key[0] ^= 1U;
  CHECK(!verify_packet(octets, found, {}, test::toy_verifier()));
}

TEST_CASE("a signer that refuses leaves the packet as it was") {
  Bytes packet = from_hex(test::kH5) + Bytes(kAnnouncementOctets, 0xEE);
  const Bytes before = packet;
  CHECK(!sign_packet(packet, kHeaderOctets, {}, test::refusing_signer(kKey)));
  CHECK(to_hex(packet) == to_hex(before));
}

TEST_CASE("without a signer nothing is signed, without a verifier nothing is good") {
  Signature signature{};
  CHECK(!Signer{}({}, signature));
  CHECK(!Verifier{}(kKey, {}, signature));
  Bytes packet = from_hex(test::kH5) + Bytes(kAnnouncementOctets);
  CHECK(!sign_packet(packet, kHeaderOctets, {}, Signer{}));
  const Bytes good = signed_packet({});
  const auto found = find_announcement(decode(good).value()).value();
  CHECK(!verify_packet(good, found, {}, Verifier{}));
}

}  // namespace
}  // namespace timecast
