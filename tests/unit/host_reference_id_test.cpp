// SPDX-License-Identifier: MIT
#include "common/host/reference_id.hpp"

#include <doctest/doctest.h>

#include <string_view>

#include "common/host/socket_address.hpp"

namespace timecast {
namespace {

Address address(std::string_view text) { return parse_address(text).value(); }

HeaderOctets packet_of(std::uint8_t stratum, const ReferenceId& id) {
  Header header;
  header.mode = Mode::broadcast;
  header.stratum = stratum;
  header.reference_id = id;
  return encode(header);
}

}  // namespace

TEST_CASE("host reference id: an IPv4 address itself, the MD5 of an IPv6 address") {
  struct Row {
    std::string_view address;
    ReferenceId id;
  };
  const Row rows[] = {
      {"192.0.2.1", {192, 0, 2, 1}},
      {"2001:db8::1", {0x39, 0xAB, 0x9B, 0x37}},
      {"fe80::1", {0x89, 0xE5, 0x30, 0x1F}},
      {"::1", {0xCF, 0x40, 0x4D, 0xC8}},
  };
  for (const Row& row : rows) {
    CAPTURE(row.address);
    CHECK(reference_id_of(address(row.address)) == row.id);
  }
}

TEST_CASE("host reference id: a host's are those of all its addresses but loopback") {
  Interface lo;
  lo.loopback = true;
  lo.addresses = {{address("127.0.0.1"), 8}, {address("::1"), 128}};
  Interface eth0;
  eth0.addresses = {{address("192.0.2.7"), 24}, {address("fe80::1"), 64}};
  const std::vector<ReferenceId> ids = reference_ids_of({lo, eth0});
  CHECK(ids == std::vector<ReferenceId>{{192, 0, 2, 7}, {0x89, 0xE5, 0x30, 0x1F}});
}

TEST_CASE("host reference id: a packet names whom its sender follows at stratum 2 and beyond") {
  const std::vector<ReferenceId> ours{{192, 0, 2, 7}, {192, 0, 2, 8}};
  CHECK(follows_any(packet_of(2, {192, 0, 2, 7}), ours));
  CHECK(follows_any(packet_of(15, {192, 0, 2, 8}), ours));
  CHECK_FALSE(follows_any(packet_of(2, {192, 0, 2, 9}), ours));
  CHECK_FALSE(follows_any(packet_of(1, {192, 0, 2, 7}), ours));
  CHECK_FALSE(follows_any(packet_of(0, {192, 0, 2, 7}), ours));
  CHECK_FALSE(follows_any(packet_of(2, {192, 0, 2, 7}), {}));
  CHECK_FALSE(follows_any(Octets{packet_of(2, {192, 0, 2, 7})}.first(47), ours));
}

TEST_CASE("host reference id: a name is printable, and zeros behind it alone") {
  CHECK(is_name({'G', 'P', 'S', 0}));
  CHECK(is_name({'C', 'A', 'S', 'T'}));
  CHECK_FALSE(is_name({}));
  CHECK_FALSE(is_name({192, 0, 2, 7}));
  CHECK_FALSE(is_name({'G', 0, 'S', 0}));
  CHECK_FALSE(is_name({0, 'G', 0, 0}));
  CHECK_FALSE(is_name({127, 127, 1, 1}));
}

}  // namespace timecast
