// SPDX-License-Identifier: MIT
#include <cstdint>
#include <string>

#include <doctest/doctest.h>
#include <timecast/wire/packet.hpp>

#include "tests/unit/wire_hex.hpp"

namespace timecast {
namespace {

using test::Bytes;
using test::from_hex;
using test::to_hex;

Bytes header(unsigned version) {
  Bytes octets = from_hex(test::kH5);
  octets[0] = static_cast<std::uint8_t>(version << 3U | 5U);
  return octets;
}

Bytes octets_of(std::size_t count, std::uint8_t fill) { return Bytes(count, fill); }

// A field whose value begins with its own length.
Bytes field(std::uint16_t length, std::uint16_t type = 0xF7E0) {
  Bytes octets(length);
  write_big_endian(octets, 0, type);
  write_big_endian(octets, 2, length);
  return octets;
}

// A field that says one length and has another.
Bytes field_of(std::uint16_t said, std::size_t true_length) {
  Bytes octets(true_length, 0x11);
  write_big_endian(octets, 0, std::uint16_t{0xF7E0});
  write_big_endian(octets, 2, said);
  return octets;
}

std::string verdict_on(const Bytes& octets) {
  const auto packet = decode(octets);
  return packet ? "packet" : to_string(packet.error());
}

TEST_CASE("a broken packet is refused by the name of its first fault") {
  const Bytes v4 = header(4);
  struct Row {
    std::string name;
    Bytes octets;
    std::string verdict;
  };
  const Row rows[] = {
      {"nothing", {}, "too_short"},
      {"one octet", from_hex("25"), "too_short"},
      {"47 octets", octets_of(47, 0x25), "too_short"},
      {"a control request of 12 octets", from_hex("1602000100000000 00000000"), "too_short"},
      {"1281 octets", v4 + octets_of(1'233, 0), "too_long"},
      {"1284 octets", v4 + octets_of(1'236, 0), "too_long"},
      {"49 octets", v4 + octets_of(1, 0), "length_not_multiple_of_four"},
      {"50 octets", v4 + octets_of(2, 0), "length_not_multiple_of_four"},
      {"51 octets", v4 + octets_of(3, 0), "length_not_multiple_of_four"},
      {"1279 octets", v4 + octets_of(1'231, 0), "length_not_multiple_of_four"},
      {"version 0", header(0), "bad_version"},
      {"version 5", header(5), "bad_version"},
      {"version 6", header(6), "bad_version"},
      {"version 7", header(7), "bad_version"},
      {"a field of length 0", v4 + field_of(0, 28), "bad_field_length"},
      {"a field of length 4", v4 + field_of(4, 28), "bad_field_length"},
      {"a field of length 12", v4 + field_of(12, 28), "bad_field_length"},
      {"a field of length 13", v4 + field_of(13, 28), "bad_field_length"},
      {"a field of length 18", v4 + field_of(18, 28), "bad_field_length"},
      {"a field of length 30", v4 + field_of(30, 32), "bad_field_length"},
      {"a field four octets too long", v4 + field_of(32, 28), "bad_field_length"},
      {"the longest field", v4 + field_of(0xFFFC, 28), "bad_field_length"},
      {"an impossible length", v4 + field_of(0xFFFF, 28), "bad_field_length"},
      {"a second field that is too long", v4 + field(28) + field_of(32, 28), "bad_field_length"},
      {"a second field of length 0", v4 + field(28) + field_of(0, 28), "bad_field_length"},
      {"8 octets behind the header", v4 + octets_of(8, 1), "bad_mac_length"},
      {"12 octets behind the header", v4 + octets_of(12, 1), "bad_mac_length"},
      {"16 octets behind the header, a field by its form", v4 + field(16), "bad_mac_length"},
      {"4 octets that are no crypto-NAK", v4 + from_hex("00000001"), "bad_mac_length"},
      {"a crypto-NAK behind a field", v4 + field(28) + octets_of(4, 0), "bad_mac_length"},
      {"a field that leaves 4 octets", v4 + field_of(28, 32), "bad_mac_length"},
      {"a field that leaves 16 octets", v4 + field_of(16, 32), "bad_mac_length"},
      {"a short field at the end", v4 + field(28) + field(16), "bad_mac_length"},
      {"version 3 and 8 octets", header(3) + octets_of(8, 1), "bad_mac_length"},
      {"version 3 and 16 octets", header(3) + octets_of(16, 1), "bad_mac_length"},
      {"version 3 and 28 octets", header(3) + field(28), "bad_mac_length"},
      {"version 3 and 68 octets", header(3) + octets_of(68, 1), "bad_mac_length"},
      {"version 3 and 76 octets", header(3) + octets_of(76, 1), "bad_mac_length"},
      {"version 3 and an announcement's field", header(3) + field(124), "bad_mac_length"},
      {"version 3 and 4 octets that are no crypto-NAK", header(3) + from_hex("00000001"),
       "bad_mac_length"},
      {"version 1 and 4 octets that are no crypto-NAK", header(1) + from_hex("01000000"),
       "bad_mac_length"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    CHECK(verdict_on(row.octets) == row.verdict);
  }
}

TEST_CASE("of two faults the one that is found first is named") {
  CHECK(verdict_on(octets_of(1'283, 0xFF)) == "too_long");
  CHECK(verdict_on(octets_of(47, 0xFF)) == "too_short");
  CHECK(verdict_on(octets_of(49, 0xFF)) == "length_not_multiple_of_four");
  CHECK(verdict_on(header(7) + octets_of(8, 0)) == "bad_version");
}

TEST_CASE("a sound packet is taken apart into fields and MAC") {
  struct Row {
    std::string name;
    Bytes octets;
    std::size_t fields_end;
    std::size_t mac;
  };
  const Bytes v4 = header(4);
  const Row rows[] = {
      {"version 4 alone", v4, 48, 0},
      {"crypto-NAK", v4 + octets_of(4, 0), 48, 4},
      {"MAC of 20", v4 + octets_of(20, 1), 48, 20},
      {"MAC of 24", v4 + octets_of(24, 1), 48, 24},
      {"20 octets in the form of a field", v4 + field(20), 48, 20},
      {"24 octets in the form of a field", v4 + field(24), 48, 24},
      {"the shortest field alone", v4 + field(28), 76, 0},
      {"field and MAC of 20", v4 + field(28) + octets_of(20, 1), 76, 20},
      {"the shortest field and MAC of 20", v4 + field(16) + octets_of(20, 1), 64, 20},
      {"the shortest field and MAC of 24", v4 + field(16) + octets_of(24, 1), 64, 24},
      {"a field of 24 and MAC of 20", v4 + field(24) + octets_of(20, 1), 72, 20},
      {"a field of 24 and another", v4 + field(24) + field(28), 100, 0},
      {"two fields", v4 + field(16) + field(28), 92, 0},
      {"two fields and a MAC", v4 + field(16) + field(16) + octets_of(24, 1), 80, 24},
      {"a field up to the limit", v4 + field(1'232), 1'280, 0},
      {"version 3 alone", header(3), 48, 0},
      {"version 1 alone", header(1), 48, 0},
      {"version 2 and MD5", header(2) + octets_of(20, 1), 48, 20},
      {"version 3 and crypto-NAK", header(3) + octets_of(4, 0), 48, 4},
      {"version 3 and MD5", header(3) + octets_of(20, 1), 48, 20},
      {"version 3 and SHA-1", header(3) + octets_of(24, 1), 48, 24},
      {"version 3 and Microsoft's extended authenticator", header(3) + octets_of(72, 1), 48, 72},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    const auto packet = decode(row.octets);
    REQUIRE(packet);
    CHECK(packet->fields_end == row.fields_end);
    CHECK(packet->mac.size() == row.mac);
    CHECK(packet->mac.data() + packet->mac.size() == row.octets.data() + row.octets.size());
    CHECK(packet->octets.data() == row.octets.data());
    CHECK(packet->octets.size() == row.octets.size());
    CHECK(packet->is_crypto_nak() == (row.mac == 4));
    CHECK(packet->fields().empty() == (row.fields_end == 48));
  }
}

TEST_CASE("fields are given in their order with type, place and value") {
  const Bytes octets =
      header(4) + from_hex("f7e00010 0102030405060708090a0b0c") + from_hex(test::kField28);
  const auto packet = decode(octets);
  REQUIRE(packet);
  auto field = packet->fields().begin();
  CHECK((*field).type == 0xF7E0);
  CHECK((*field).offset == 48);
  CHECK(to_hex((*field).octets) == "f7e000100102030405060708090a0b0c");
  CHECK(to_hex((*field).value()) == "0102030405060708090a0b0c");
  ++field;
  REQUIRE(field != packet->fields().end());
  CHECK((*field).offset == 64);
  CHECK((*field).octets.size() == 28);
  CHECK((*field).value().size() == 24);
  ++field;
  CHECK(!(field != packet->fields().end()));
}

TEST_CASE("a chain of sixty fields is walked to its end") {
  Bytes octets = header(4);
  for (std::uint16_t type = 0; type < 60; ++type) octets = octets + field(20, type);
  for (const std::size_t mac : {0U, 20U, 24U}) {
    CAPTURE(mac);
    const Bytes whole = octets + octets_of(mac, 1);
    const auto packet = decode(whole);
    REQUIRE(packet);
    // Without a MAC the last 20 octets are read as one: that is how RFC 7822 tells them apart.
    const std::uint16_t expected = mac == 0 ? 59 : 60;
    std::uint16_t count = 0;
    for (const ExtensionField f : packet->fields()) {
      REQUIRE(f.type == count);
      REQUIRE(f.octets.size() == 20);
      REQUIRE(f.offset == 48 + std::size_t{20} * count);
      ++count;
    }
    CHECK(count == expected);
    CHECK(packet->mac.size() == (mac == 0 ? 20 : mac));
  }
}

TEST_CASE("key id and digest of a MAC are found behind header and fields") {
  struct Row {
    std::string name;
    std::string_view header;
    std::string_view fields;
    std::uint32_t key_id;
    std::string_view digest;
  };
  const Row rows[] = {
      {"MD5", test::kH5, "", 10, "47d1bc1bc801ede74f5f854e4cf4f03d"},
      {"SHA-1", test::kH5, "", 25, "9ae4453cdb1e24b2c7195a73e3fc5ac88e907222"},
      {"AES-128-CMAC", test::kH5, "", 30, "5051bf32498539e66eff153b567b8bcd"},
      {"AES-128-CMAC behind a field", test::kH5, test::kField28, 30,
       "dc5f75b6029a162085d0cf3f9d91722f"},
      {"MD5 of a request", test::kH3, "", 10, "55ed3d3aec4cd3f03dd254750e313dc6"},
      {"AES-256-CMAC", test::kH5, "", 31, "dc26fc23a9232ee9af6adaf993964481"},
      {"SHA-256 cut to 20 octets", test::kH5, "", 40, "fad234d6f45a8976ff951d116cf66e98d72f6ea6"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    Bytes key_id(4);
    write_big_endian(key_id, 0, row.key_id);
    const Bytes octets =
        from_hex(row.header) + from_hex(row.fields) + key_id + from_hex(row.digest);
    const auto packet = decode(octets);
    REQUIRE(packet);
    CHECK(packet->header == decode_header(Octets{octets}.first<kHeaderOctets>()));
    CHECK(packet->fields_end == 48 + from_hex(row.fields).size());
    CHECK(read_big_endian<std::uint32_t>(packet->mac, 0) == row.key_id);
    CHECK(to_hex(packet->mac.subspan(4)) == row.digest);
    CHECK(!packet->is_crypto_nak());
  }
}

}  // namespace
}  // namespace timecast
