// SPDX-License-Identifier: MIT
#include <string>

#include <doctest/doctest.h>
#include <timecast/wire/endpoint.hpp>

#include "tests/unit/wire_hex.hpp"

namespace timecast {
namespace {

// Four octets are IPv4, sixteen IPv6.
Address address(std::string_view hex) {
  const test::Bytes octets = test::from_hex(hex);
  Address address{octets.size() == 4 ? Family::ipv4 : Family::ipv6, {}};
  copy_octets(octets, address.octets);
  return address;
}

TEST_CASE("an address is loopback, multicast, unicast, or nobody's") {
  struct Row {
    std::string name;
    const char* hex;
    bool loopback;
    bool multicast;
    bool unicast;
  };
  const Row rows[] = {
      {"0.0.0.0", "00000000", false, false, false},
      {"0.1.2.3", "00010203", false, false, false},
      {"1.0.0.0", "01000000", false, false, true},
      {"126.255.255.255", "7effffff", false, false, true},
      {"127.0.0.1", "7f000001", true, false, true},
      {"127.255.255.254", "7ffffffe", true, false, true},
      {"128.0.0.0", "80000000", false, false, true},
      {"192.0.2.1", "c0000201", false, false, true},
      {"223.255.255.255", "dfffffff", false, false, true},
      {"224.0.0.0", "e0000000", false, true, false},
      {"239.255.123.124", "efff7b7c", false, true, false},
      {"240.0.0.1", "f0000001", false, false, false},
      {"255.255.255.255", "ffffffff", false, false, false},
      {"::", "00000000000000000000000000000000", false, false, false},
      {"::1", "00000000000000000000000000000001", true, false, true},
      {"::2", "00000000000000000000000000000002", false, false, true},
      {"fe80::1", "fe800000000000000000000000000001", false, false, true},
      {"2001:db8::1", "20010db8000000000000000000000001", false, false, true},
      {"ff02::101", "ff020000000000000000000000000101", false, true, false},
      // The octets of another family's loopback and group.
      {"7f00:1::", "7f000001000000000000000000000000", false, false, true},
      {"e000::", "e0000000000000000000000000000000", false, false, true},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    const Address a = address(row.hex);
    CHECK(a.is_loopback() == row.loopback);
    CHECK(a.is_multicast() == row.multicast);
    CHECK(a.is_unicast() == row.unicast);
  }
  CHECK(!Address{}.is_loopback());
  CHECK(!Address{}.is_multicast());
  CHECK(!Address{}.is_unicast());
}

TEST_CASE("addresses of two families differ even if their octets do not") {
  CHECK(Address::ipv4(0, 0, 0, 0) != Address::ipv6_last_octet(0));
  CHECK(Address::ipv4(192, 0, 2, 1) == address("c0000201"));
  CHECK(Address::ipv6_last_octet(1) == address("00000000000000000000000000000001"));
}

TEST_CASE("a prefix longer than what two addresses share parts them, and no shorter one does") {
  for (const Address& one : {Address::ipv4(192, 0, 2, 1), Address::ipv6_last_octet(1)}) {
    const std::uint8_t bits = one.family == Family::ipv4 ? 32 : 128;
    for (std::uint8_t shared = 0; shared < bits; ++shared) {
      Address other = one;
      other.octets[shared / 8U] ^= static_cast<std::uint8_t>(0x80U >> (shared % 8U));
      for (std::uint8_t length = 0; length <= bits; ++length) {
        CAPTURE(shared);
        CAPTURE(length);
        CHECK(Prefix{one, length}.contains(other) == (length <= shared));
      }
    }
    CHECK(Prefix{one, bits}.contains(one));
  }
}

TEST_CASE("a prefix contains the addresses that share its first bits") {
  struct Row {
    std::string name;
    const char* prefix;
    int length;
    const char* other;
    bool contained;
  };
  const Row rows[] = {
      {"all of IPv4", "00000000", 0, "c0000201", true},
      {"a network", "c0000200", 24, "c00002ff", true},
      {"the next network", "c0000200", 24, "c0000300", false},
      {"within an octet", "c0000280", 25, "c00002ff", true},
      {"beside it within an octet", "c0000280", 25, "c000027f", false},
      {"31 bits", "c0000202", 31, "c0000203", true},
      {"beside 31 bits", "c0000202", 31, "c0000204", false},
      {"one host", "c0000201", 32, "c0000201", true},
      {"another host", "c0000201", 32, "c0000200", false},
      {"first bit", "80000000", 1, "ff000000", true},
      {"not the first bit", "80000000", 1, "7f000000", false},
      {"link-local", "fe800000000000000000000000000000", 10, "febf0000000000000000000000000001",
       true},
      {"not link-local", "fe800000000000000000000000000000", 10, "fec00000000000000000000000000001",
       false},
      {"one IPv6 host", "20010db8000000000000000000000001", 128, "20010db8000000000000000000000001",
       true},
      {"another IPv6 host", "20010db8000000000000000000000001", 128,
       "20010db8000000000000000000000000", false},
      {"another family", "00000000", 0, "00000000000000000000000000000001", false},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    const Prefix prefix{address(row.prefix), static_cast<std::uint8_t>(row.length)};
    CHECK(prefix.contains(address(row.other)) == row.contained);
  }
}

TEST_CASE("endpoints differ by address, port or interface") {
  const Endpoint one{Address::ipv4(192, 0, 2, 1), 123, 2};
  CHECK(one == Endpoint{Address::ipv4(192, 0, 2, 1), 123, 2});
  CHECK(one != Endpoint{Address::ipv4(192, 0, 2, 2), 123, 2});
  CHECK(one != Endpoint{Address::ipv4(192, 0, 2, 1), 124, 2});
  CHECK(one != Endpoint{Address::ipv4(192, 0, 2, 1), 123, 3});
}

}  // namespace
}  // namespace timecast
