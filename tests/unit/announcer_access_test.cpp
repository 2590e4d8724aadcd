// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include "announcer/core/access.hpp"

namespace timecast {

TEST_CASE("access: nobody is allowed by an empty list") {
  CHECK_FALSE(AccessList{}.allows(Address::ipv4(192, 0, 2, 1)));
}

TEST_CASE("access: who shares a prefix may ask") {
  AccessList access;
  REQUIRE(access.allow({Address::ipv4(192, 0, 2, 128), 25}));
  REQUIRE(access.allow({Address::ipv4(198, 51, 100, 7), 32}));
  REQUIRE(access.allow({Address{Family::ipv6, {0x20, 0x01, 0x0D, 0xB8}}, 32}));
  Address neighbour{Family::ipv6, {0x20, 0x01, 0x0D, 0xB8, 1, 2}};
  CHECK(access.allows(Address::ipv4(192, 0, 2, 128)));
  CHECK(access.allows(Address::ipv4(192, 0, 2, 255)));
  CHECK(access.allows(Address::ipv4(198, 51, 100, 7)));
  CHECK(access.allows(neighbour));
  CHECK_FALSE(access.allows(Address::ipv4(192, 0, 2, 127)));
  CHECK_FALSE(access.allows(Address::ipv4(198, 51, 100, 6)));
  neighbour.octets[3] = 0xB9;
  CHECK_FALSE(access.allows(neighbour));
  CHECK_FALSE(access.allows(Address{Family::ipv6, {192, 0, 2, 128}}));

  access.clear();
  CHECK_FALSE(access.allows(Address::ipv4(192, 0, 2, 128)));
}

TEST_CASE("access: a prefix of no length is everybody of its family") {
  AccessList access;
  REQUIRE(access.allow({Address::ipv4(0, 0, 0, 0), 0}));
  CHECK(access.allows(Address::ipv4(203, 0, 113, 9)));
  CHECK_FALSE(access.allows(Address::ipv6_last_octet(9)));
}

TEST_CASE("access: a full list says so and keeps what it has") {
  AccessList access;
  for (std::size_t i = 0; i < AccessList::kCapacity; ++i) {
    REQUIRE(access.allow({Address::ipv4(10, 0, static_cast<std::uint8_t>(i), 0), 24}));
  }
  CHECK_FALSE(access.allow({Address::ipv4(192, 0, 2, 0), 24}));
  CHECK(access.allows(Address::ipv4(10, 0, 255, 1)));
  CHECK_FALSE(access.allows(Address::ipv4(192, 0, 2, 1)));
}

}  // namespace timecast
