// SPDX-License-Identifier: MIT
#include <array>
#include <cstdint>

#include <doctest/doctest.h>
#include <timecast/wire/octets.hpp>

#include "tests/unit/wire_hex.hpp"

namespace timecast {
namespace {

using test::Bytes;
using test::from_hex;
using test::to_hex;

TEST_CASE("integers are read with their most significant octet first") {
  const Bytes octets = from_hex("00 01 02 03 04 05 06 07 88 ff");
  CHECK(read_big_endian<std::uint8_t>(octets, 9) == 0xFF);
  CHECK(read_big_endian<std::uint16_t>(octets, 1) == 0x0102);
  CHECK(read_big_endian<std::uint32_t>(octets, 2) == 0x0203'0405);
  CHECK(read_big_endian<std::uint64_t>(octets, 1) == 0x0102'0304'0506'0788U);
  CHECK(read_big_endian<std::int16_t>(octets, 8) == -30'465);  // 0x88ff
}

TEST_CASE("integers are written where they belong and nowhere else") {
  Bytes octets(10, 0xAA);
  write_big_endian(octets, 1, std::uint16_t{0x0102});
  write_big_endian(octets, 4, std::uint32_t{0x8304'0506});
  CHECK(to_hex(octets) == "aa0102aa83040506aaaa");
  write_big_endian(octets, 2, std::uint64_t{0x0123'4567'89AB'CDEF});
  CHECK(to_hex(octets) == "aa010123456789abcdef");
  write_big_endian(octets, 0, std::uint8_t{7});
  write_big_endian(octets, 8, std::int16_t{-2});
  CHECK(to_hex(octets) == "07010123456789abfffe");
}

TEST_CASE("the extremes of every width survive writing and reading") {
  std::array<std::uint8_t, 8> octets{};
  for (const std::uint64_t value : {std::uint64_t{0}, std::uint64_t{1}, ~std::uint64_t{0},
                                    std::uint64_t{1} << 63U, std::uint64_t{0xFF}}) {
    write_big_endian(octets, 0, value);
    CHECK(read_big_endian<std::uint64_t>(octets, 0) == value);
    write_big_endian(octets, 0, static_cast<std::uint32_t>(value));
    CHECK(read_big_endian<std::uint32_t>(octets, 0) == static_cast<std::uint32_t>(value));
    write_big_endian(octets, 0, static_cast<std::uint16_t>(value));
    CHECK(read_big_endian<std::uint16_t>(octets, 0) == static_cast<std::uint16_t>(value));
  }
}

TEST_CASE("octets are copied to the front of their place") {
  Bytes to(4, 9);
  copy_octets(from_hex("0102"), to);
  CHECK(to_hex(to) == "01020909");
  copy_octets(Octets{}, to);
  CHECK(to_hex(to) == "01020909");
}

TEST_CASE("octets are equal if all of them are") {
  CHECK(equal_octets(from_hex("010203"), from_hex("010203")));
  CHECK(!equal_octets(from_hex("010203"), from_hex("010204")));
  CHECK(!equal_octets(from_hex("010203"), from_hex("000203")));
  CHECK(!equal_octets(from_hex("010203"), from_hex("0102")));
  CHECK(!equal_octets(Octets{}, from_hex("00")));
  CHECK(equal_octets(Octets{}, Octets{}));
}

TEST_CASE("octets are zero if none of them is another") {
  CHECK(all_zero(Octets{}));
  CHECK(all_zero(from_hex("000000")));
  CHECK(!all_zero(from_hex("000001")));
  CHECK(!all_zero(from_hex("800000")));
}

}  // namespace
}  // namespace timecast
