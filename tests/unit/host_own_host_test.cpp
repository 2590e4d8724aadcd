// SPDX-License-Identifier: MIT
#include "common/host/own_host.hpp"

#include <doctest/doctest.h>

#include "common/host/socket_address.hpp"

using namespace timecast;

namespace {

HeaderOctets follower_of(ReferenceId id) {
  Header header;
  header.mode = Mode::broadcast;
  header.stratum = 3;
  header.reference_id = id;
  return encode(header);
}

Endpoint at(std::uint8_t a, std::uint8_t b, std::uint8_t c, std::uint8_t d) {
  return {Address::ipv4(a, b, c, d), 11'123, 2};
}

}  // namespace

TEST_CASE("own host: its addresses, and who follows them, until they change") {
  Interface loopback;
  loopback.loopback = true;
  loopback.addresses = {{Address::ipv4(127, 0, 0, 1), 8}};
  Interface ethernet;
  ethernet.addresses = {{Address::ipv4(192, 0, 2, 7), 24}};
  OwnHost host;
  CHECK_FALSE(host.has(at(192, 0, 2, 7)));
  host.set({loopback, ethernet});
  CHECK(host.has(at(192, 0, 2, 7)));
  CHECK(host.has(at(127, 0, 0, 1)));
  CHECK_FALSE(host.has(at(192, 0, 2, 8)));
  CHECK(host.is_followed_by(follower_of({192, 0, 2, 7})));
  CHECK_FALSE(host.is_followed_by(follower_of({127, 0, 0, 1})));  // everybody calls itself so
  host.set({loopback});
  CHECK_FALSE(host.has(at(192, 0, 2, 7)));
  CHECK_FALSE(host.is_followed_by(follower_of({192, 0, 2, 7})));
}

TEST_CASE("own host: a link-local address is its own on its own link alone") {
  const Address address = parse_address("fe80::1").value();
  Interface bridge;
  bridge.index = 3;
  bridge.addresses = {{address, 64}};
  OwnHost host;
  host.set({bridge});
  CHECK(host.has({address, 11'123, 3}));
  CHECK_FALSE(host.has({address, 11'123, 2}));
}
