// SPDX-License-Identifier: MIT
#include "listener/daemon/own_host.hpp"

#include <doctest/doctest.h>

using namespace timecast;

namespace {

HeaderOctets follower_of(ReferenceId id) {
  Header header;
  header.mode = Mode::broadcast;
  header.stratum = 3;
  header.reference_id = id;
  return encode(header);
}

}  // namespace

TEST_CASE("own host: its addresses, and who follows them, until they change") {
  Interface loopback;
  loopback.loopback = true;
  loopback.addresses = {{Address::ipv4(127, 0, 0, 1), 8}};
  Interface ethernet;
  ethernet.addresses = {{Address::ipv4(192, 0, 2, 7), 24}};
  OwnHost host;
  CHECK_FALSE(host.has(Address::ipv4(192, 0, 2, 7)));
  host.set({loopback, ethernet});
  CHECK(host.has(Address::ipv4(192, 0, 2, 7)));
  CHECK(host.has(Address::ipv4(127, 0, 0, 1)));
  CHECK_FALSE(host.has(Address::ipv4(192, 0, 2, 8)));
  CHECK(host.is_followed_by(follower_of({192, 0, 2, 7})));
  CHECK_FALSE(host.is_followed_by(follower_of({127, 0, 0, 1})));  // everybody calls itself so
  host.set({loopback});
  CHECK_FALSE(host.has(Address::ipv4(192, 0, 2, 7)));
  CHECK_FALSE(host.is_followed_by(follower_of({192, 0, 2, 7})));
}
