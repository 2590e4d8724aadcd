// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cstdint>
#include <string>

#include <doctest/doctest.h>
#include <timecast/wire/announcement.hpp>

#include "tests/unit/wire_hex.hpp"

namespace timecast {
namespace {

using test::Bytes;
using test::from_hex;
using test::to_hex;

// Every octet of it is another, so that none can be read from a wrong place unnoticed.
constexpr std::string_view kField =
    "f7e1 007c 54435354 01 01 a0a1"
    "101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f"
    "b0b1 c0c1 d0d1d2d3 e0e1e2e3e4e5e6e7"
    "303132333435363738393a3b3c3d3e3f404142434445464748494a4b4c4d4e4f"
    "505152535455565758595a5b5c5d5e5f606162636465666768696a6b6c6d6e6f";
constexpr std::string_view kSuccessorField =
    "f7e2 0068 5443524f"
    "101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f"
    "303132333435363738393a3b3c3d3e3f404142434445464748494a4b4c4d4e4f"
    "505152535455565758595a5b5c5d5e5f606162636465666768696a6b6c6d6e6f";

Bytes announcement_packet() { return from_hex(test::kH5) + from_hex(kField); }

// The announcement packet with other octets at a place of its field.
Bytes packet_with(std::size_t offset_in_field, std::string_view hex) {
  Bytes packet = announcement_packet();
  const Bytes octets = from_hex(hex);
  std::copy(octets.begin(), octets.end(),
            packet.begin() + static_cast<std::ptrdiff_t>(kHeaderOctets + offset_in_field));
  return packet;
}

// The announcement packet whose field says to have another length, and has it.
Bytes packet_of_length(std::uint16_t field_length) {
  Bytes packet = announcement_packet();
  packet.resize(kHeaderOctets + field_length);
  write_big_endian(packet, kHeaderOctets + 2, field_length);
  return packet;
}

std::string verdict_on(const Bytes& octets) {
  const auto packet = decode(octets);
  if (!packet) return to_string(packet.error());
  const auto announcement = find_announcement(*packet);
  return announcement ? "announcement" : to_string(announcement.error());
}

Announcement read_from(const Bytes& octets) {
  return find_announcement(decode(octets).value()).value();
}

TEST_CASE("every field of an announcement stands at its place") {
  const Announcement a = read_from(announcement_packet());
  CHECK(a.offset == 48);
  CHECK(a.flags == 0xA0A1);
  CHECK(to_hex(a.key) == "101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f");
  CHECK(a.chain == 0xB0B1);
  CHECK(a.query_spread == 0xC0C1);
  CHECK(a.interval_ms == 0xD0D1'D2D3U);
  CHECK(a.sequence == 0xE0E1'E2E3'E4E5'E6E7U);
  CHECK(to_hex(a.signature) ==
        "303132333435363738393a3b3c3d3e3f404142434445464748494a4b4c4d4e4f"
        "505152535455565758595a5b5c5d5e5f606162636465666768696a6b6c6d6e6f");
}

TEST_CASE("an announcement that was read is written again octet for octet") {
  const Bytes packet = announcement_packet();
  Bytes written(packet.size(), 0xEE);
  write_announcement(written, kHeaderOctets, read_from(packet));
  CHECK(to_hex(Octets{written}.subspan(kHeaderOctets)) ==
        to_hex(Octets{packet}.subspan(kHeaderOctets)));
  CHECK(to_hex(Octets{written}.first(kHeaderOctets)) == to_hex(Bytes(kHeaderOctets, 0xEE)));
}

TEST_CASE("an announcement is written at its offset and nowhere else") {
  Bytes around(kAnnouncementOctets + 20, 0xEE);
  write_announcement(around, 8, Announcement{});
  CHECK(to_hex(Octets{around}.first(8)) == "eeeeeeeeeeeeeeee");
  CHECK(to_hex(Octets{around}.subspan(8, 12)) == "f7e1007c5443535401010000");
  CHECK(all_zero(Octets{around}.subspan(20, kAnnouncementOctets - 12)));
  CHECK(to_hex(Octets{around}.last(12)) == "eeeeeeeeeeeeeeeeeeeeeeee");
}

TEST_CASE("extremes of an announcement survive writing and reading") {
  Announcement most;
  most.flags = 0xFFFF;
  most.key.fill(0xFF);
  most.chain = 0xFFFF;
  most.query_spread = 0xFFFF;
  most.interval_ms = 0xFFFF'FFFFU;
  most.sequence = ~std::uint64_t{0};
  most.signature.fill(0xFF);
  for (const Announcement& a : {Announcement{}, most}) {
    Bytes packet = from_hex(test::kH5) + Bytes(kAnnouncementOctets);
    write_announcement(packet, kHeaderOctets, a);
    const Announcement b = read_from(packet);
    CHECK(b.flags == a.flags);
    CHECK(b.key == a.key);
    CHECK(b.chain == a.chain);
    CHECK(b.query_spread == a.query_spread);
    CHECK(b.interval_ms == a.interval_ms);
    CHECK(b.sequence == a.sequence);
    CHECK(b.signature == a.signature);
  }
}

TEST_CASE("an announcement's units are what they are called") {
  Announcement a;
  a.query_spread = 25;
  a.interval_ms = 1'500;
  CHECK(a.query_spread_duration() == Duration::milliseconds(2'500));
  CHECK(a.interval() == Duration::milliseconds(1'500));
  a.query_spread = 0xFFFF;
  a.interval_ms = 0xFFFF'FFFFU;
  CHECK(a.query_spread_duration() == Duration::milliseconds(6'553'500));
  CHECK(a.interval() == Duration::milliseconds(4'294'967'295));
  a.flags = 0xFFFE;
  CHECK(!a.clock_stepped());
  a.flags = 0x0001;
  CHECK(a.clock_stepped());
}

TEST_CASE("an announcement is good, absent or bad") {
  const Bytes good = announcement_packet();
  const Bytes field = from_hex(kField);
  const Bytes other = from_hex(test::kField28);
  const Bytes successor = from_hex(kSuccessorField);
  const Bytes plain = from_hex(test::kH5);
  struct Row {
    std::string name;
    Bytes octets;
    std::string verdict;
  };
  const Row rows[] = {
      {"as it should be", good, "announcement"},
      {"unknown flags", packet_with(10, "ffff"), "announcement"},
      {"behind a successor", plain + successor + field, "announcement"},

      {"no field at all", plain, "no_announcement"},
      {"another field alone", plain + other, "no_announcement"},
      {"a MAC alone", plain + Bytes(20, 1), "no_announcement"},
      {"a successor alone", plain + successor, "no_announcement"},
      {"another type with our magic", packet_with(0, "f7e0"), "no_announcement"},
      {"another magic", packet_with(4, "4c414e54"), "no_announcement"},
      {"another magic by its last octet", packet_with(7, "55"), "no_announcement"},
      {"the successor's magic", packet_with(4, "5443524f"), "no_announcement"},

      {"120 octets", packet_of_length(120), "bad_announcement"},
      {"128 octets", packet_of_length(128), "bad_announcement"},
      {"28 octets", packet_of_length(28), "bad_announcement"},
      {"1232 octets", packet_of_length(1'232), "bad_announcement"},
      {"version 0", packet_with(8, "00"), "bad_announcement"},
      {"version 2", packet_with(8, "02"), "bad_announcement"},
      {"algorithm 0", packet_with(9, "00"), "bad_announcement"},
      {"algorithm 2", packet_with(9, "02"), "bad_announcement"},
      {"followed by another field", good + other, "bad_announcement"},
      {"followed by a successor", good + successor, "bad_announcement"},
      {"twice", good + field, "bad_announcement"},
      {"followed by an MD5 MAC", good + Bytes(20, 1), "bad_announcement"},
      {"followed by a SHA-1 MAC", good + Bytes(24, 1), "bad_announcement"},
      {"followed by a crypto-NAK", good + Bytes(4, 0), "bad_mac_length"},
      {"behind another field", plain + other + field, "bad_announcement"},
      {"behind two successors", plain + successor + successor + field, "bad_announcement"},
      {"behind a successor and another", plain + successor + other + field, "bad_announcement"},
      {"behind another and a successor", plain + other + successor + field, "bad_announcement"},
      {"behind a foreign field of a successor's length",
       plain + from_hex("f7e2 0068 00000000") + Bytes(96, 7) + field, "bad_announcement"},
      {"cut", Bytes(good.begin(), good.end() - 4), "bad_field_length"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    CHECK(verdict_on(row.octets) == row.verdict);
  }
}

TEST_CASE("a challenge has everything zero but the nonce") {
  Nonce nonce;
  for (std::size_t i = 0; i < nonce.size(); ++i) nonce[i] = static_cast<std::uint8_t>(0x40 + i);
  Bytes packet = from_hex(test::kH3) + Bytes(kAnnouncementOctets, 0xEE);
  write_challenge(packet, kHeaderOctets, nonce);
  CHECK(to_hex(Octets{packet}.subspan(48, 60)) == "f7e1007c5443535401010000" + to_hex(Bytes(48)));
  CHECK(to_hex(Octets{packet}.subspan(108)) == to_hex(nonce));
  REQUIRE(verdict_on(packet) == "announcement");
  CHECK(is_challenge(read_from(packet)));
  CHECK(read_from(packet).signature == nonce);
  CHECK(!is_challenge(read_from(announcement_packet())));

  for (std::size_t offset = 48 + 10; offset < 48 + 60; ++offset) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      CAPTURE(offset);
      Bytes spoilt = packet;
      spoilt[offset] = static_cast<std::uint8_t>(1U << bit);
      CHECK(!is_challenge(read_from(spoilt)));
    }
  }
}

}  // namespace
}  // namespace timecast
