// SPDX-License-Identifier: MIT
#include "listener/daemon/plan.hpp"

#include <doctest/doctest.h>

#include "tests/unit/host_interface_list.hpp"

using namespace timecast;

namespace {

std::vector<Interface> host() {
  return {made_up_loopback(),
          made_up_interface(2, "eth0",
                            {"192.0.2.1/24", "198.51.100.1/24", "fe80::1/64", "2001:db8::1/64"}),
          made_up_interface(3, "wlan0", {})};
}

std::vector<ChosenInterface> chosen(const std::vector<std::string>& wanted) {
  return choose_interfaces(wanted, host());
}

// "eth0 239.255.123.124:11123; ..."
std::string planned(const UvListenerSettings& options) {
  std::string text;
  for (const GroupWish& wish : plan_groups(options, chosen(options.interfaces))) {
    text += (text.empty() ? "" : "; ") + wish.interface_name + (wish.loopback ? "(lo) " : " ") +
            to_string(wish.group.address) + ' ' + std::to_string(wish.group.port);
  }
  return text;
}

Endpoint endpoint(const char* address, std::uint32_t interface) {
  return {parse_address(address).value(), 11'123, interface};
}

}  // namespace

TEST_CASE("listener's plan: one group for each interface and family") {
  struct Row {
    std::vector<std::string> wanted;
    const char* groups;
  };
  for (const Row& row : {
           // IPv4 is heard before there is an address; IPv6 without one is switched off.
           Row{{}, "eth0 239.255.123.124 11123; eth0 ff02::101 11123; wlan0 239.255.123.124 11123"},
           Row{{"192.0.2.1"}, "eth0 239.255.123.124 11123"},
           Row{{"192.0.2.1", "198.51.100.1"}, "eth0 239.255.123.124 11123"},
           Row{{"2001:db8::1"}, "eth0 ff02::101 11123"},
           Row{{"127.0.0.1"}, "lo(lo) 239.255.123.124 11123"},
           Row{{"lo"}, "lo(lo) 239.255.123.124 11123"},
           Row{{"::1"}, ""},
           Row{{"eth9"}, ""},
       }) {
    CAPTURE(row.groups);
    UvListenerSettings options;
    options.interfaces = row.wanted;
    CHECK(planned(options) == row.groups);
  }
}

TEST_CASE("listener's plan: other groups and another port") {
  UvListenerSettings options;
  options.interfaces = {"eth0"};
  options.group4 = Address::ipv4(239, 1, 2, 3);
  options.group6 = parse_address("ff05::1").value();
  options.port = 5000;
  CHECK(planned(options) == "eth0 239.1.2.3 5000; eth0 ff05::1 5000");
}

TEST_CASE("listener's plan: asks from an address of the announcer's network, else from the first") {
  struct Row {
    const char* to;
    std::uint32_t interface;
    const char* from;  // nothing: no address of that family
  };
  for (const Row& row : {
           Row{"192.0.2.77", 2, "192.0.2.1"},
           Row{"198.51.100.77", 2, "198.51.100.1"},
           Row{"203.0.113.77", 2, "192.0.2.1"},
           Row{"fe80::77", 2, "fe80::1"},
           Row{"2001:db8::77", 2, "2001:db8::1"},
           Row{"2001:db8:1::77", 2, "fe80::1"},
           Row{"192.0.2.77", 3, nullptr},
           Row{"192.0.2.77", 1, nullptr},
           Row{"192.0.2.77", 0, nullptr},
       }) {
    CAPTURE(row.to);
    CAPTURE(row.interface);
    const auto source = source_for(endpoint(row.to, row.interface), chosen({}));
    REQUIRE(source.has_value() == (row.from != nullptr));
    if (!source) continue;
    CHECK(to_string(source->address) == row.from);
    CHECK(source->interface == row.interface);
    CHECK(source->port == 0);
  }
}

TEST_CASE("listener's plan: asks from the address that the operator chose") {
  const auto source = source_for(endpoint("192.0.2.77", 2), chosen({"198.51.100.1"}));
  REQUIRE(source);
  CHECK(to_string(source->address) == "198.51.100.1");
  CHECK_FALSE(source_for(endpoint("fe80::77", 2), chosen({"198.51.100.1"})));
}
