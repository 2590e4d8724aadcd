// SPDX-License-Identifier: MIT
#include "listener/daemon/watch_plan.hpp"

#include <doctest/doctest.h>

#include "common/host/socket_address.hpp"
#include "tests/unit/host_interface_list.hpp"
#include "tests/unit/wire_hex.hpp"

namespace timecast::test {
namespace {

WatchOptions options_for(const std::vector<std::string>& groups,
                         const std::vector<std::uint16_t>& ports) {
  WatchOptions options;
  for (const std::string& group : groups) options.groups.push_back(parse_address(group).value());
  options.ports = ports;
  return options;
}

// "239.255.123.124 11123; ..."
std::string watched(const WatchOptions& options) {
  std::string text;
  for (const Endpoint& each : watched_groups(options)) {
    text += (text.empty() ? "" : "; ") + to_string(each.address) + ' ' + std::to_string(each.port);
  }
  return text;
}

Endpoint endpoint(const char* text) { return parse_endpoint(text, 0).value(); }

}  // namespace

TEST_CASE("watch's plan: both streams, or what the operator names") {
  struct Row {
    std::vector<std::string> groups;
    std::vector<std::uint16_t> ports;
    const char* watched;
  };
  for (const Row& row : {
           Row{{}, {}, "239.255.123.124 11123; ff02::101 11123; 239.255.123.123 123"},
           Row{{"224.0.0.100"}, {10'001}, "224.0.0.100 10001"},
           Row{{"224.0.1.1"}, {}, "224.0.1.1 11123; 224.0.1.1 123"},
           Row{{}, {5000}, "239.255.123.124 5000; ff02::101 5000; 239.255.123.123 5000"},
           Row{{"224.0.1.1", "ff05::101"},
               {123, 124},
               "224.0.1.1 123; 224.0.1.1 124; ff05::101 123; ff05::101 124"},
           Row{{"224.0.1.1", "224.0.1.1"}, {123, 123}, "224.0.1.1 123"},
       }) {
    CAPTURE(row.watched);
    CHECK(watched(options_for(row.groups, row.ports)) == row.watched);
  }
}

TEST_CASE("watch's plan: one socket for each group that an interface can hear") {
  const std::vector<Interface> present = {
      made_up_loopback(), made_up_interface(2, "eth0", {"192.0.2.1/24", "fe80::1/64"}),
      made_up_interface(3, "wlan0", {})};
  struct Row {
    std::vector<std::string> interfaces;
    const char* planned;
    WatchOptions options = {};
  };
  for (const Row& row : {
           Row{{},
               "eth0 239.255.123.124:11123, eth0 [ff02::101]:11123, eth0 239.255.123.123:123, "
               "wlan0 239.255.123.124:11123, wlan0 239.255.123.123:123"},
           Row{{"lo"}, "lo(lo) 239.255.123.124:11123, lo(lo) 239.255.123.123:123"},
           Row{{"fe80::1"}, "eth0 [ff02::101]:11123"},
           Row{{"eth9"}, ""},
           Row{{}, "eth0 192.0.2.255:123", options_for({"192.0.2.255"}, {123})},
           Row{{},
               "eth0 255.255.255.255:123, wlan0 255.255.255.255:123",
               options_for({"255.255.255.255"}, {123})},
       }) {
    CAPTURE(row.planned);
    std::string planned;
    for (const GroupWish& wish :
         plan_watch(row.options, choose_interfaces(row.interfaces, present))) {
      planned += (planned.empty() ? "" : ", ") + wish.interface_name +
                 (wish.loopback ? "(lo) " : " ") +
                 to_string(Endpoint{wish.group.address, wish.group.port});
      CHECK(wish.group.interface > 0);
    }
    CHECK(planned == row.planned);
  }
}

TEST_CASE("watch's plan: a group that was named and that no interface can hear has a reason") {
  const std::vector<Interface> present = {
      made_up_loopback(), made_up_interface(2, "eth0", {"192.0.2.1/24", "fe80::1/64"}),
      made_up_interface(3, "wlan0", {})};
  struct Row {
    std::vector<std::string> interfaces;
    std::vector<std::string> groups;
    const char* unheard;
  };
  for (const Row& row : {
           Row{{}, {"ff02::101", "224.0.1.1"}, ""},
           Row{{"fe80::1"}, {}, ""},
           Row{{"fe80::1"},
               {"ff02::101", "224.0.1.1"},
               "224.0.1.1 port 123: eth0 was named by an IPv6 address: name it eth0, or by an IPv4 "
               "address of it"},
           Row{{"192.0.2.1"},
               {"ff02::101"},
               "ff02::101 port 123: eth0 was named by an IPv4 address: name it eth0, or by an "
               "IPv6 address of it"},
           Row{{"192.0.2.1", "fe80::1"}, {"ff02::101"}, ""},
           Row{{"wlan0"}, {"ff02::101"}, "ff02::101 port 123: wlan0 has no IPv6 address"},
           Row{{"lo"},
               {"ff02::101"},
               "ff02::101 port 123: lo is loopback, where IPv4 alone is heard"},
           Row{{"::1"},
               {"224.0.1.1"},
               "224.0.1.1 port 123: lo was named by an IPv6 address: name it lo, or by an IPv4 "
               "address of it"},
           Row{{"eth9"}, {"ff02::101"}, ""},
           Row{{}, {"192.0.2.255"}, ""},
           Row{{"eth0"},
               {"198.51.100.255"},
               "198.51.100.255 port 123: eth0 has no such broadcast address; see ip -4 address "
               "show eth0"},
       }) {
    CAPTURE(row.unheard);
    std::string unheard;
    for (const UnheardGroup& each : unheard_groups(options_for(row.groups, {123}),
                                                   choose_interfaces(row.interfaces, present))) {
      CHECK(each.reason.starts_with(each.wish.interface_name));
      unheard += (unheard.empty() ? "" : "; ") + to_string(each.wish.group.address) + " port " +
                 std::to_string(each.wish.group.port) + ": " + each.reason;
    }
    CHECK(unheard == row.unheard);
  }
}

TEST_CASE("watch's plan: where nothing at all is heard each group has a reason") {
  const auto chosen = choose_interfaces({"::1"}, {made_up_loopback()});
  REQUIRE(plan_watch({}, chosen).empty());
  CHECK(unheard_groups({}, chosen).size() == watched_groups({}).size());
}

TEST_CASE("watch's plan: what of a recording is shown") {
  const Bytes announcement = from_hex(kH5);
  const Bytes request = from_hex(kH3);
  const WatchOptions any;
  CHECK(is_watched(any, endpoint("239.255.123.124:11123"), announcement));
  CHECK(is_watched(any, endpoint("239.255.123.124:11123"), request));  // strange there
  CHECK(is_watched(any, endpoint("192.0.2.255:123"), announcement));
  CHECK(is_watched(any, endpoint("[ff05::101]:123"), announcement));
  CHECK_FALSE(is_watched(any, endpoint("192.0.2.1:123"), request));  // somebody's own business
  CHECK_FALSE(is_watched(any, endpoint("192.0.2.1:123"), {}));
  CHECK_FALSE(is_watched(any, endpoint("239.255.123.124:53"), announcement));

  const WatchOptions one = options_for({"224.0.0.100"}, {10'001});
  CHECK(is_watched(one, endpoint("224.0.0.100:10001"), {}));
  CHECK_FALSE(is_watched(one, endpoint("224.0.0.100:10002"), announcement));
  CHECK_FALSE(is_watched(one, endpoint("224.0.0.101:10001"), announcement));
  CHECK(is_watched(options_for({"192.0.2.255"}, {}), endpoint("192.0.2.255:123"), request));
}

}  // namespace timecast::test
