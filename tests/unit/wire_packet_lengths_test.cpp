// SPDX-License-Identifier: MIT
//
// Every length from 0 to 2048 octets, with many fillings. Each datagram stands in a heap block of
// exactly its size, so that the address sanitizer sees a read behind its end.
#include <algorithm>
#include <cstdint>
#include <optional>
#include <random>

#include <doctest/doctest.h>
#include <timecast/wire/announcement.hpp>
#include <timecast/wire/packet.hpp>

#include "tests/unit/wire_hex.hpp"

namespace timecast {
namespace {

using test::Bytes;

constexpr std::size_t kLongest = 2'048;

std::uint8_t first_octet(unsigned version) { return static_cast<std::uint8_t>(version << 3U | 5U); }

Bytes filled(std::size_t length, std::uint8_t fill, std::optional<unsigned> version = {}) {
  Bytes octets(length, fill);
  if (version && length > 0) octets[0] = first_octet(*version);
  return octets;
}

// What is wrong with a datagram whatever it contains.
std::optional<Reject> wrong_length(std::size_t length) {
  if (length < 48) return Reject::too_short;
  if (length > 1'280) return Reject::too_long;
  if (length % 4 != 0) return Reject::length_not_multiple_of_four;
  return std::nullopt;
}

bool is_one_of(std::size_t value, std::initializer_list<std::size_t> values) {
  return std::find(values.begin(), values.end(), value) != values.end();
}

// The verdict is as expected; nothing means a packet.
void require_verdict(const Bytes& octets, std::optional<Reject> expected) {
  CAPTURE(octets.size());
  const auto packet = decode(octets);
  const std::optional<Reject> got = packet ? std::nullopt : std::optional{packet.error()};
  REQUIRE(got == expected);
}

// Fields and MAC lie in the datagram and cover what follows the header, without gap or overlap.
bool covers_its_octets(const Packet& packet) {
  std::size_t end = kHeaderOctets;
  for (const ExtensionField field : packet.fields()) {
    const std::size_t length = field.octets.size();
    if (field.offset != end || length < kMinFieldOctets || length % 4 != 0) return false;
    if (field.octets.data() != packet.octets.data() + end) return false;
    if (field.value().size() != length - 4) return false;
    end += length;
    if (end > packet.octets.size()) return false;
  }
  return end == packet.fields_end && end + packet.mac.size() == packet.octets.size() &&
         is_one_of(packet.mac.size(), {0, 4, 20, 24, 72});
}

bool is_structural(Reject reason) {
  return reason == Reject::too_short || reason == Reject::too_long ||
         reason == Reject::length_not_multiple_of_four || reason == Reject::bad_version ||
         reason == Reject::bad_field_length || reason == Reject::bad_mac_length;
}

// A packet that makes sense, or the name of a structural fault; and what looks for our fields in
// it is as total. Returns whether it was a packet.
bool is_packet(const Bytes& octets) {
  CAPTURE(octets.size());
  const auto packet = decode(octets);
  if (!packet) {
    REQUIRE(is_structural(packet.error()));
    const auto wrong = wrong_length(octets.size());
    if (wrong) REQUIRE(packet.error() == *wrong);
    return false;
  }
  REQUIRE(!wrong_length(octets.size()));
  REQUIRE(covers_its_octets(*packet));
  const auto announcement = find_announcement(*packet);
  if (announcement) {
    REQUIRE(announcement->offset + kAnnouncementOctets == octets.size());
  } else {
    const Reject reason = announcement.error();
    REQUIRE((reason == Reject::no_announcement || reason == Reject::bad_announcement));
  }
  if (find_successor(*packet)) REQUIRE(octets.size() >= kHeaderOctets + kSuccessorOctets);
  return true;
}

TEST_CASE("octets that are all zero or all one are no packet, whatever their number") {
  for (std::size_t length = 0; length <= kLongest; ++length) {
    const auto wrong = wrong_length(length);
    require_verdict(filled(length, 0x00), wrong ? wrong : Reject::bad_version);
    require_verdict(filled(length, 0xFF), wrong ? wrong : Reject::bad_version);
  }
}

TEST_CASE("before version 4, what follows the header is a MAC or a fault") {
  for (std::size_t length = 0; length <= kLongest; ++length) {
    for (unsigned version = 1; version <= 3; ++version) {
      std::optional<Reject> zeros = wrong_length(length);
      std::optional<Reject> ones = zeros;
      if (!zeros && !is_one_of(length - 48, {0, 4, 20, 24, 72})) zeros = Reject::bad_mac_length;
      if (!ones && !is_one_of(length - 48, {0, 20, 24, 72})) ones = Reject::bad_mac_length;
      require_verdict(filled(length, 0x00, version), zeros);
      require_verdict(filled(length, 0xFF, version), ones);
    }
  }
}

TEST_CASE("in version 4, zeros and ones behind the header are at most a MAC") {
  for (std::size_t length = 0; length <= kLongest; ++length) {
    std::optional<Reject> zeros = wrong_length(length);
    if (!zeros && length > 72) zeros = Reject::bad_field_length;
    std::optional<Reject> ones = zeros;
    if (!zeros && !is_one_of(length, {48, 52, 68, 72})) zeros = Reject::bad_mac_length;
    if (!ones && !is_one_of(length, {48, 68, 72})) ones = Reject::bad_mac_length;
    require_verdict(filled(length, 0x00, 4), zeros);
    require_verdict(filled(length, 0xFF, 4), ones);
  }
}

TEST_CASE("other versions are refused at every length") {
  for (std::size_t length = 0; length <= kLongest; ++length) {
    const auto wrong = wrong_length(length);
    for (const unsigned version : {0U, 5U, 6U, 7U}) {
      require_verdict(filled(length, 0x11, version), wrong ? wrong : Reject::bad_version);
    }
  }
}

TEST_CASE("fields of one length are walked until the rest may be a MAC") {
  for (const std::size_t step : {16U, 20U, 28U, 124U}) {
    for (std::size_t length = 48; length <= kLongest; ++length) {
      Bytes octets = filled(length, 0x00, 4);
      std::size_t rest = length - 48;
      for (; rest > 24; rest -= std::min(rest, step)) {
        if (rest >= 4) write_big_endian(octets, length - rest, 0xF7E0'0000U + std::uint32_t(step));
      }
      CAPTURE(step);
      std::optional<Reject> expected = wrong_length(length);
      if (!expected) {
        rest = length - 48;
        while (rest > 24 && rest >= step) rest -= step;
        // What is left is shorter than the field says, or a MAC, or nothing, or too little.
        if (rest > 24)
          expected = Reject::bad_field_length;
        else if (rest == 4 && length == 52)
          expected = std::nullopt;
        else if (!is_one_of(rest, {0, 20, 24}))
          expected = Reject::bad_mac_length;
      }
      require_verdict(octets, expected);
    }
  }
}

// Fields of random lengths that fill the octets up to `end`, each 28 octets long or longer.
void write_chain(Bytes& octets, std::size_t end, std::mt19937& random) {
  std::size_t offset = 48;
  while (offset < end) {
    const std::size_t left = end - offset;
    std::size_t length = 28 + 4 * (random() % 40);
    if (left < length + 28) length = left;
    const std::uint16_t type = random() % 2 == 0 ? 0xF7E1 : static_cast<std::uint16_t>(random());
    write_big_endian(octets, offset, type);
    write_big_endian(octets, offset + 2, static_cast<std::uint16_t>(length));
    offset += length;
  }
}

TEST_CASE("a header with a chain of fields and a MAC is a packet at every length it can have") {
  std::mt19937 random{7};
  for (std::size_t length = 76; length <= 1'280; length += 4) {
    for (const std::size_t mac : {0U, 20U, 24U}) {
      if (length < 76 + mac) continue;
      Bytes octets = filled(length, 0x5A, 4);
      write_chain(octets, length - mac, random);
      REQUIRE(is_packet(octets));
      REQUIRE(decode(octets)->fields_end == length - mac);
    }
  }
}

TEST_CASE("random octets of every length are a packet or a named fault") {
  std::mt19937 random{8};
  int packets = 0;
  for (int round = 0; round < 4; ++round) {
    for (std::size_t length = 0; length <= kLongest; ++length) {
      Bytes octets(length);
      for (std::uint8_t& octet : octets) octet = static_cast<std::uint8_t>(random());
      packets += is_packet(octets) ? 1 : 0;
      // Again as version 4 whose first field is not too long.
      if (length < 52) continue;
      octets[0] = first_octet(4);
      write_big_endian(octets, 50, static_cast<std::uint16_t>(random() % (length - 47)));
      packets += is_packet(octets) ? 1 : 0;
    }
  }
  CHECK(packets > 0);
}

TEST_CASE("a chain of fields with one spoilt octet is a packet or a named fault") {
  std::mt19937 random{9};
  int packets = 0;
  int faults = 0;
  for (std::size_t length = 76; length <= 1'280; length += 4) {
    for (int i = 0; i < 10; ++i) {
      Bytes octets = filled(length, 0x5A, 4);
      write_chain(octets, length, random);
      octets[random() % length] = static_cast<std::uint8_t>(random());
      ++(is_packet(octets) ? packets : faults);
    }
  }
  CHECK(packets > 0);
  CHECK(faults > 0);
}

TEST_CASE("a datagram cut anywhere is a packet or a named fault") {
  Bytes whole = filled(1'280, 0x5A, 4);
  std::mt19937 random{10};
  write_chain(whole, whole.size(), random);
  for (std::size_t length = 0; length <= whole.size(); ++length) {
    const Bytes cut{whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length)};
    const bool packet = is_packet(cut);
    if (length < 48 || length % 4 != 0) REQUIRE(!packet);
  }
}

}  // namespace
}  // namespace timecast
