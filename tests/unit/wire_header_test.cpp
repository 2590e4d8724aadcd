// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cstdint>
#include <random>
#include <string>

#include <doctest/doctest.h>
#include <timecast/wire/header.hpp>

#include "tests/unit/wire_hex.hpp"

namespace timecast {
namespace {

using test::Bytes;
using test::from_hex;
using test::to_hex;

Header decoded(const Bytes& octets) { return decode_header(Octets{octets}.first<kHeaderOctets>()); }

Header announcement() {
  Header header;
  header.mode = Mode::broadcast;
  header.stratum = 2;
  header.poll = Log2Seconds{6};
  header.precision = Log2Seconds{-20};
  header.root_delay = NtpShort{2'621};
  header.root_dispersion = NtpShort{0x148};
  header.reference_id = {192, 0, 2, 1};
  header.reference = NtpTimestamp{0xE9A1'B2C3'0000'0000U};
  header.transmit = NtpTimestamp{0xE9A1'B2D3'1234'5678U};
  return header;
}

Header interleaved_announcement() {
  Header header = announcement();
  header.origin = NtpTimestamp{0xE9A1'B2D3'1238'7654U};
  header.transmit = NtpTimestamp{0xE9A1'B315'2345'6789U};
  return header;
}

Header request() {
  Header header;
  header.mode = Mode::client;
  header.precision = Log2Seconds{32};
  header.transmit = NtpTimestamp{0x0123'4567'89AB'CDEFU};
  return header;
}

TEST_CASE("known headers are decoded and encoded octet for octet") {
  struct Row {
    std::string name;
    std::string_view octets;
    Header header;
  };
  const Row rows[] = {
      {"announcement", test::kH5, announcement()},
      {"interleaved announcement", test::kH5i, interleaved_announcement()},
      {"request", test::kH3, request()},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    const Bytes octets = from_hex(row.octets);
    CHECK(decoded(octets) == row.header);
    CHECK(to_hex(encode(row.header)) == to_hex(octets));
  }
}

TEST_CASE("a header's spans and stamps have the values that its octets stand for") {
  const Header header = decoded(from_hex(test::kH5i));
  CHECK(header.root_delay.to_duration() == Duration::nanoseconds(39'993'287));
  CHECK(header.root_dispersion.to_duration() == Duration::nanoseconds(5'004'883));
  CHECK(header.precision.to_duration() == Duration::nanoseconds(954));
  CHECK(header.poll.to_duration() == Duration::seconds(64));
  const NtpTimestamp previous = decoded(from_hex(test::kH5)).transmit;
  CHECK(difference(header.origin, previous) == Duration::nanoseconds(62'934));
  const Timestamp<Announced> pivot{Duration::seconds(1'700'000'000)};
  CHECK(unfold(previous, pivot).since_epoch() ==
        Duration::seconds(1'710'699'603) + Duration::nanoseconds(71'111'111));
}

TEST_CASE("the first octet holds leap, version and mode") {
  struct Row {
    std::uint8_t octet;
    Leap leap;
    std::uint8_t version;
    Mode mode;
  };
  constexpr Row kRows[] = {
      {0x25, Leap::none, 4, Mode::broadcast},
      {0x23, Leap::none, 4, Mode::client},
      {0x24, Leap::none, 4, Mode::server},
      {0xE3, Leap::unsynchronised, 4, Mode::client},
      {0x1D, Leap::none, 3, Mode::broadcast},
      {0x00, Leap::none, 0, Mode::reserved},
      {0xFF, Leap::unsynchronised, 7, Mode::private_use},
      {0x69, Leap::insert_second, 5, Mode::symmetric_active},
      {0xB2, Leap::delete_second, 6, Mode::symmetric_passive},
      {0x16, Leap::none, 2, Mode::control},
  };
  for (const Row& row : kRows) {
    const int octet = row.octet;
    CAPTURE(octet);
    Bytes octets(kHeaderOctets);
    octets[0] = row.octet;
    const Header header = decoded(octets);
    CHECK(header.leap == row.leap);
    CHECK(header.version == row.version);
    CHECK(header.mode == row.mode);
    CHECK(encode(header)[0] == row.octet);
  }
}

TEST_CASE("every 48 octets are a header, and the same octets again") {
  std::mt19937 random{6};
  Bytes octets(kHeaderOctets);
  for (int i = 0; i < 5'000; ++i) {
    for (std::uint8_t& octet : octets) octet = static_cast<std::uint8_t>(random());
    const HeaderOctets again = encode(decoded(octets));
    REQUIRE(equal_octets(again, octets));
  }
  for (const int fill : {0x00, 0x01, 0x7F, 0x80, 0xFF}) {
    std::fill(octets.begin(), octets.end(), static_cast<std::uint8_t>(fill));
    CHECK(to_hex(encode(decoded(octets))) == to_hex(octets));
  }
}

TEST_CASE("a version that does not fit into its bits does not spill into the others") {
  Header header;
  header.version = 0xFC;
  CHECK(encode(header)[0] == 0x20);
}

TEST_CASE("leaps and modes have names") {
  CHECK(std::string{to_string(Leap::none)} == "none");
  CHECK(std::string{to_string(Leap::insert_second)} == "insert");
  CHECK(std::string{to_string(Leap::delete_second)} == "delete");
  CHECK(std::string{to_string(Leap::unsynchronised)} == "unsynchronised");
  constexpr const char* kModes[] = {"reserved", "symmetric_active", "symmetric_passive",
                                    "client",   "server",           "broadcast",
                                    "control",  "private_use"};
  for (unsigned mode = 0; mode < 8; ++mode) {
    CHECK(std::string{to_string(static_cast<Mode>(mode))} == kModes[mode]);
  }
}

}  // namespace
}  // namespace timecast
