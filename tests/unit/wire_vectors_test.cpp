// SPDX-License-Identifier: MIT
//
// The packets of tests/vectors: this code makes exactly these octets from the same values, and
// verifies what another program has signed. tests/vectors/check.py is that program.
#include <doctest/doctest.h>
#include <timecast/wire/announcement.hpp>

#include "tests/unit/wire_ed25519.hpp"
#include "tests/unit/wire_hex.hpp"
#include "tests/unit/wire_vectors.hpp"

namespace timecast {
namespace {

using test::Bytes;
using test::Ed25519Key;
using test::from_hex;
using test::to_hex;
using test::vector_named;

// RFC 8032 section 7.1, tests 1 and 2.
constexpr std::string_view kSeed1 =
    "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
constexpr std::string_view kPublic1 =
    "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
constexpr std::string_view kSeed2 =
    "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb";
constexpr std::string_view kPublic2 =
    "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c";

Timestamp<Announced> at(std::int64_t seconds, std::int64_t nanoseconds = 0) {
  return Timestamp<Announced>{Duration::seconds(seconds) + Duration::nanoseconds(nanoseconds)};
}

Header server_header(Mode mode) {
  Header header;
  header.mode = mode;
  header.stratum = 2;
  header.precision = Log2Seconds{-20};
  header.root_delay = NtpShort::at_least(Duration::milliseconds(40));
  header.root_dispersion = NtpShort::at_least(Duration::milliseconds(5));
  header.reference_id = {192, 0, 2, 1};
  header.reference = to_ntp(at(1'710'699'587));
  return header;
}

Header client_header() {
  Header header;
  header.mode = Mode::client;
  header.precision = Log2Seconds{32};
  header.transmit = NtpTimestamp{0x0123'4567'89AB'CDEFU};
  return header;
}

Announcement field_of(const PublicKey& key) {
  Announcement a;
  a.key = key;
  a.chain = 0x1234;
  a.query_spread = 10;
  a.interval_ms = 1'000;
  a.sequence = 1'710'699'603'071'111;
  return a;
}

Nonce counting_nonce() {
  Nonce nonce;
  for (std::size_t i = 0; i < nonce.size(); ++i) nonce[i] = static_cast<std::uint8_t>(i);
  return nonce;
}

// Header, room, and the announcement field, signed.
Bytes signed_packet(const Header& header, const Announcement& a, Octets nonce,
                    const Signer& signer) {
  Bytes packet(a.offset + kAnnouncementOctets);
  copy_octets(encode(header), packet);
  write_announcement(packet, a.offset, a);
  REQUIRE(sign_packet(packet, a.offset, nonce, signer));
  return packet;
}

Bytes made_announcement(const Ed25519Key& key) {
  Header header = server_header(Mode::broadcast);
  header.origin = to_ntp(at(1'710'699'602, 71'111'111) + Duration::nanoseconds(62'934));
  header.transmit = to_ntp(at(1'710'699'603, 71'111'111));
  Announcement a = field_of(key.public_key());
  a.offset = kHeaderOctets;
  return signed_packet(header, a, {}, key.signer());
}

Bytes made_reply(const Ed25519Key& key) {
  Header header = server_header(Mode::server);
  header.origin = client_header().transmit;
  header.receive = to_ntp(at(1'710'699'603, 250'000'000));
  header.transmit = to_ntp(at(1'710'699'603, 250'123'456));
  Announcement a = field_of(key.public_key());
  a.offset = kHeaderOctets;
  return signed_packet(header, a, counting_nonce(), key.signer());
}

Bytes made_with_successor(const Ed25519Key& key, const Ed25519Key& old_key) {
  Header header = server_header(Mode::broadcast);
  header.transmit = to_ntp(at(1'710'699'604, 71'111'111));
  Announcement a = field_of(key.public_key());
  a.flags = kFlagClockStepped;
  ++a.sequence;
  a.offset = kHeaderOctets + kSuccessorOctets;
  Bytes packet(a.offset + kAnnouncementOctets);
  copy_octets(encode(header), packet);
  Successor successor;
  REQUIRE(endorse(key.public_key(), old_key.signer(), successor));
  write_successor(packet, kHeaderOctets, successor);
  write_announcement(packet, a.offset, a);
  REQUIRE(sign_packet(packet, a.offset, {}, key.signer()));
  return packet;
}

bool is_good(Octets octets, Octets nonce) {
  const auto packet = decode(octets);
  if (!packet) return false;
  const auto found = find_announcement(*packet);
  return found && verify_packet(octets, *found, nonce, test::ed25519_verifier());
}

TEST_CASE("the keys of RFC 8032 have the public halves that it names") {
  CHECK(to_hex(Ed25519Key{from_hex(kSeed1)}.public_key()) == kPublic1);
  CHECK(to_hex(Ed25519Key{from_hex(kSeed2)}.public_key()) == kPublic2);
}

TEST_CASE("the documented announcement is made octet for octet") {
  const Ed25519Key key{from_hex(kSeed1)};
  CHECK(to_hex(made_announcement(key)) == to_hex(vector_named("announcement")));
}

TEST_CASE("the documented challenge is made octet for octet, and recognised") {
  Bytes packet(kAnnouncementPacketOctets);
  copy_octets(encode(client_header()), packet);
  write_challenge(packet, kHeaderOctets, counting_nonce());
  const Bytes expected = vector_named("challenge");
  CHECK(to_hex(packet) == to_hex(expected));
  const auto found = find_announcement(decode(expected).value());
  REQUIRE(found);
  CHECK(is_challenge(*found));
  CHECK(found->signature == counting_nonce());
}

TEST_CASE("the documented reply is made octet for octet") {
  const Ed25519Key key{from_hex(kSeed1)};
  CHECK(to_hex(made_reply(key)) == to_hex(vector_named("reply")));
}

TEST_CASE("the documented packet with a successor is made octet for octet") {
  const Ed25519Key key{from_hex(kSeed1)};
  const Ed25519Key old_key{from_hex(kSeed2)};
  CHECK(to_hex(made_with_successor(key, old_key)) == to_hex(vector_named("successor")));
}

TEST_CASE("the documented successor is found, and endorsed by the old key alone") {
  const Bytes octets = vector_named("successor");
  const auto packet = decode(octets).value();
  const auto successor = find_successor(packet);
  REQUIRE(successor);
  CHECK(to_hex(successor->old_key) == kPublic2);
  const PublicKey new_key = find_announcement(packet).value().key;
  CHECK(to_hex(new_key) == kPublic1);
  CHECK(verify_successor(*successor, new_key, test::ed25519_verifier()));
  CHECK(!verify_successor(*successor, successor->old_key, test::ed25519_verifier()));
}

TEST_CASE("no bit of a documented packet or of its nonce can change unnoticed") {
  struct Row {
    std::string name;
    Bytes nonce;
  };
  const Nonce nonce = counting_nonce();
  const Row rows[] = {
      {"announcement", {}}, {"reply", {nonce.begin(), nonce.end()}}, {"successor", {}}};
  for (const Row& row : rows) {
    CAPTURE(row.name);
    Bytes octets = vector_named(row.name);
    Bytes used = row.nonce;
    REQUIRE(is_good(octets, used));
    for (Bytes* const part : {&octets, &used}) {
      for (std::size_t bit = 0; bit < part->size() * 8; ++bit) {
        CAPTURE(bit);
        const auto mask = static_cast<std::uint8_t>(0x80U >> (bit % 8));
        (*part)[bit / 8] ^= mask;
        REQUIRE(!is_good(octets, used));
        (*part)[bit / 8] ^= mask;
      }
    }
  }
}

TEST_CASE("the documented reply answers its own challenge alone, and announces nothing") {
  const Bytes reply = vector_named("reply");
  CHECK(is_good(reply, counting_nonce()));
  CHECK(!is_good(reply, Nonce{}));
  CHECK(!is_good(reply, {}));
  CHECK(!is_good(vector_named("announcement"), counting_nonce()));
}

}  // namespace
}  // namespace timecast
