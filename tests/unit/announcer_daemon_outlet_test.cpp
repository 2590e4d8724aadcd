// SPDX-License-Identifier: MIT
#include "announcer/daemon/outlet.hpp"

#include <doctest/doctest.h>

#include "common/host/socket_address.hpp"

using namespace timecast;

namespace {

SocketWish plain_wish(const char* destination) {
  SocketWish wish;
  wish.local = {Address::ipv4(192, 0, 2, 1), 123, 2};
  wish.kind = StreamKind::plain;
  wish.destinations = {{parse_address(destination).value(), 123, 2}};
  return wish;
}

}  // namespace

TEST_CASE("announcer's outlet: a socket is its local address's, and may broadcast if it has to") {
  struct Row {
    const char* destination;
    bool broadcast;
  };
  for (const Row& row :
       {Row{"239.255.123.123", false}, Row{"192.0.2.255", true}, Row{"255.255.255.255", true}}) {
    CAPTURE(row.destination);
    const UdpOptions options = socket_options(plain_wish(row.destination));
    CHECK(to_string(options.bind_address) == "192.0.2.1");
    CHECK(options.port == 123);
    CHECK(options.interface == 2);
    CHECK_FALSE(options.reuse_address);
    CHECK(options.broadcast == row.broadcast);
  }
}

TEST_CASE("announcer's outlet: beside another server it shares what is nobody's own address") {
  struct Row {
    const char* destination;
    const char* bound;
  };
  for (const Row& row :
       {Row{"239.255.123.123", "239.255.123.123"}, Row{"192.0.2.255", "255.255.255.255"},
        Row{"255.255.255.255", "255.255.255.255"}}) {
    CAPTURE(row.destination);
    const SocketWish wish = plain_wish(row.destination);
    const UdpOptions options = socket_options_beside(wish, wish.destinations[0]);
    CHECK(to_string(options.bind_address) == row.bound);
    CHECK(options.reuse_address);
  }
}

TEST_CASE(
    "announcer's outlet: a precise packet shows that it crossed no router, a plain one none") {
  SocketWish wish = plain_wish("239.255.123.123");
  CHECK(socket_options(wish).multicast_hops == 1);
  wish.kind = StreamKind::precise;
  CHECK(socket_options(wish).multicast_hops == 255);
}
