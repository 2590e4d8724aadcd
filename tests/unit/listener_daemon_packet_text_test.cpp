// SPDX-License-Identifier: MIT
#include "listener/daemon/packet_text.hpp"

#include <doctest/doctest.h>

#include <sstream>

#include <timecast/wire/announcement.hpp>

#include "tests/unit/wire_vectors.hpp"

using namespace timecast;
using namespace timecast::test;

namespace {

const Timestamp<Realtime> kNow{Duration::seconds(1'710'699'700)};  // 2024-03-17T18:21:40Z

// All octets that the rows show, in their order.
std::string octets_shown(const std::string& text) {
  std::string hex;
  std::istringstream lines{text};
  for (std::string line; std::getline(lines, line);) {
    for (const char c : line.substr(7, 23)) {
      if (c != ' ') hex += c;
    }
  }
  return hex;
}

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("packet text: names every field of a header with its meaning") {
  const std::string text = packet_text(from_hex(kH5), kNow);
  for (const std::string_view row : {
           "    0  25                       leap none, version 4, mode broadcast\n",
           "    1  02                       stratum 2\n",
           "    2  06                       poll 6: 64 s\n",
           "    4  00 00 0a 3d              root delay 39.99 ms\n",
           "    8  00 00 01 48              root dispersion 5.005 ms\n",
           "   12  c0 00 02 01              reference id 192.0.2.1\n",
           "   16  e9 a1 b2 c3 00 00 00 00  reference 2024-03-17T18:19:47.000000000Z\n",
           "   24  00 00 00 00 00 00 00 00  origin none\n",
           "   40  e9 a1 b2 d3 12 34 56 78  transmit 2024-03-17T18:20:03.071111111Z\n",
       }) {
    CAPTURE(row);
    CHECK_MESSAGE(has(text, row), text);
  }
}

TEST_CASE("packet text: shows every octet once and in order, whatever the packet") {
  for (const char* name : {"announcement", "challenge", "reply", "successor"}) {
    CAPTURE(name);
    const Bytes octets = vector_named(name);
    CHECK(octets_shown(packet_text(octets, kNow)) == to_hex(octets));
  }
  const Bytes with_mac = from_hex(kH5) + from_hex("0000000a 47d1bc1bc801ede74f5f854e4cf4f03d");
  const Bytes with_field = from_hex(kH5) + from_hex("f7e0001c") + Bytes(24, 7);
  const Bytes with_nak = from_hex(kH5) + from_hex("00000000");
  for (const Bytes& octets : {with_mac, with_field, with_nak}) {
    CHECK(octets_shown(packet_text(octets, kNow)) == to_hex(octets));
  }
}

TEST_CASE("packet text: names the fields behind the header") {
  const std::string announcement = packet_text(vector_named("announcement"), kNow);
  CHECK(has(announcement, "announcement field"));
  CHECK(has(announcement, "key 11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="));
  CHECK(has(announcement, "interval 1 s"));
  CHECK(has(packet_text(vector_named("challenge"), kNow), "nonce that the reply must sign"));
  CHECK(has(packet_text(vector_named("successor"), kNow), "signature of the old key"));
  const Bytes with_mac = from_hex(kH5) + from_hex("0000000a 47d1bc1bc801ede74f5f854e4cf4f03d");
  CHECK(has(packet_text(with_mac, kNow), "key id 10\n"));
  CHECK(has(packet_text(with_mac, kNow), "digest of 16 octets"));
  const Bytes with_field = from_hex(kH5) + from_hex("f7e0001c") + Bytes(24, 7);
  CHECK(has(packet_text(with_field, kNow), "extension field of type 0xf7e0"));
  CHECK(has(packet_text(from_hex(kH5) + from_hex("00000000"), kNow), "crypto-NAK"));
}

TEST_CASE("packet text: what is no NTP packet is said to be none, and shown") {
  const std::string text = packet_text(from_hex("48656c6c6f210a"), kNow);
  CHECK(text ==
        "no NTP packet: too short\n"
        "    0  48 65 6c 6c 6f 21 0a                             Hello!.\n");
  CHECK(packet_text({}, kNow) == "no NTP packet: too short\n");
}

TEST_CASE("packet text: a dump has sixteen octets a line") {
  CHECK(hex_dump(Bytes(17, 0x41)) ==
        "    0  41 41 41 41 41 41 41 41 41 41 41 41 41 41 41 41  AAAAAAAAAAAAAAAA\n"
        "   16  41                                               A\n");
}

TEST_CASE("packet text: a stamp is a date near now, nothing, or no time") {
  const NtpTimestamp now = to_ntp(Timestamp<Announced>{kNow.since_epoch()});
  CHECK(stamp_text(NtpTimestamp{}, kNow) == "none");
  CHECK(stamp_text(now, kNow) == "2024-03-17T18:21:40.000000000Z");
  CHECK(stamp_text(NtpTimestamp{now.bits() + (1ULL << 62U)}, kNow) == "no time: a random number");
  // Across the era's end, 2036-02-07T06:28:16Z.
  const Timestamp<Realtime> later{Duration::seconds(2'085'978'500)};
  CHECK(stamp_text(NtpTimestamp{~0ULL << 32U}, later) == "2036-02-07T06:28:15.000000000Z");
  CHECK(stamp_text(NtpTimestamp{1ULL << 32U}, later) == "2036-02-07T06:28:17.000000000Z");
}

TEST_CASE("packet text: a random number is no date, however near to now it happens to be") {
  const NtpTimestamp near = to_ntp(Timestamp<Announced>{kNow.since_epoch()});
  struct Row {
    const char* text;
    Mode mode;
    std::int8_t precision;
    NtpTimestamp asked;
    NtpTimestamp Header::*stamp;
  };
  const NtpTimestamp other{near.bits() + 1};
  for (const Row& row : {
           Row{"transmit a random number\n", Mode::client, 32, {}, &Header::transmit},
           Row{"receive a random number\n", Mode::client, 32, {}, &Header::receive},
           Row{"origin 2024-03-17T", Mode::client, 32, {}, &Header::origin},
           Row{"transmit 2024-03-17T", Mode::client, -20, {}, &Header::transmit},
           Row{"transmit 2024-03-17T", Mode::server, 32, {}, &Header::transmit},
           Row{"origin the question's random number\n", Mode::server, -20, near, &Header::origin},
           Row{"origin 2024-03-17T", Mode::server, -20, other, &Header::origin},
           Row{"transmit 2024-03-17T", Mode::server, -20, near, &Header::transmit},
       }) {
    CAPTURE(row.text);
    Header header;
    header.mode = row.mode;
    header.precision = Log2Seconds{row.precision};
    header.*row.stamp = near;
    const std::string text = packet_text(encode(header), kNow, row.asked);
    CHECK_MESSAGE(has(text, row.text), text);
  }
  Header silent;  // nothing is no random number
  silent.mode = Mode::client;
  silent.precision = Log2Seconds{32};
  CHECK(has(packet_text(encode(silent), kNow), "receive none\n"));
  CHECK(has(packet_text(encode(silent), kNow), "origin none\n"));
}

TEST_CASE("packet text: a reference id is characters up to stratum 1, numbers above") {
  Header header;
  header.reference_id = {'G', 'P', 'S', 0};
  header.stratum = 1;
  CHECK(reference_id_text(header) == "GPS");
  header.stratum = 2;
  CHECK(reference_id_text(header) == "71.80.83.0");
  header.stratum = 0;
  header.reference_id = {'R', 'A', 'T', 'E'};
  CHECK(reference_id_text(header) == "RATE");
  header.reference_id = {0x1B, 0x5B, 'A', 0};  // no terminal is driven from the network
  CHECK(reference_id_text(header) == ".[A");
  header.reference_id = {};
  CHECK(reference_id_text(header) == "none");
}
