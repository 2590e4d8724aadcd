// SPDX-License-Identifier: MIT
#include "common/host/chosen_interfaces.hpp"

#include <doctest/doctest.h>

#include "tests/unit/host_interface_list.hpp"

using namespace timecast;

namespace {

std::vector<Interface> host() {
  Interface down = made_up_interface(4, "eth1", {"198.51.100.1/24"});
  down.up = false;
  Interface tunnel = made_up_interface(5, "tun0", {"10.8.0.1/32"});
  tunnel.point_to_point = true;
  Interface port = made_up_interface(6, "port0", {});
  port.enslaved = true;
  return {made_up_loopback(),
          made_up_interface(2, "eth0",
                            {"192.0.2.1/24", "192.0.2.2/24", "fe80::1/64", "2001:db8::1/64"}),
          made_up_interface(3, "wlan0", {}),
          down,
          tunnel,
          port};
}

// "eth0* 192.0.2.1 192.0.2.2 ...": a star for a whole interface.
std::string chosen(const std::vector<std::string>& wanted) {
  std::string text;
  for (const ChosenInterface& each : choose_interfaces(wanted, host())) {
    text += (text.empty() ? "" : "; ") + each.interface.name + (each.whole ? "*" : "");
    for (const Prefix& prefix : each.addresses) text += ' ' + to_string(prefix.address);
  }
  return text;
}

}  // namespace

TEST_CASE("chosen interfaces: by name, by address, both, or the usual ones") {
  struct Row {
    std::vector<std::string> wanted;
    const char* chosen;
  };
  const Row rows[] = {
      {{}, "eth0* 192.0.2.1 192.0.2.2 fe80::1 2001:db8::1; wlan0*"},
      {{"eth0"}, "eth0* 192.0.2.1 192.0.2.2 fe80::1 2001:db8::1"},
      {{"192.0.2.2"}, "eth0 192.0.2.2"},
      {{"2001:db8::1"}, "eth0 2001:db8::1"},
      {{"192.0.2.2", "192.0.2.1"}, "eth0 192.0.2.2 192.0.2.1"},
      {{"192.0.2.2", "192.0.2.2"}, "eth0 192.0.2.2"},
      {{"192.0.2.2", "eth0"}, "eth0* 192.0.2.2 192.0.2.1 fe80::1 2001:db8::1"},
      {{"eth0", "eth0"}, "eth0* 192.0.2.1 192.0.2.2 fe80::1 2001:db8::1"},
      {{"wlan0", "127.0.0.1"}, "wlan0*; lo 127.0.0.1"},
      {{"127.0.0.1"}, "lo 127.0.0.1"},
      {{"lo"}, "lo* 127.0.0.1"},  // IPv6 multicast needs a route there
      {{"::1"}, "lo"},
      {{"tun0"}, "tun0* 10.8.0.1"},  // not usual, but named
      {{"port0"}, "port0*"},
      {{"eth1"}, ""},  // down
      {{"198.51.100.1"}, ""},
      {{"eth7"}, ""},
      {{"203.0.113.1"}, ""},
  };
  for (const Row& row : rows) {
    std::string wanted;
    for (const std::string& each : row.wanted) wanted += each + ' ';
    CAPTURE(wanted);
    CHECK(chosen(row.wanted) == row.chosen);
  }
}

TEST_CASE("chosen interfaces: the first address of a family") {
  const auto all = choose_interfaces({"192.0.2.2", "eth0"}, host());
  REQUIRE(all.size() == 1);
  CHECK(to_string(all[0].first(Family::ipv4)->address) == "192.0.2.2");
  CHECK(to_string(all[0].first(Family::ipv6)->address) == "fe80::1");
  CHECK(choose_interfaces({"wlan0"}, host())[0].first(Family::ipv4) == nullptr);
}

TEST_CASE("chosen interfaces: what is waited for is named") {
  CHECK(waiting_text({}) ==
        "no interface with an address is up that can multicast; waiting for one (or name one by "
        "--interface)");
  CHECK(waiting_text({"eth0", "192.0.2.1"}) ==
        "waiting for eth0, 192.0.2.1 to be up and have an address");
}

TEST_CASE("chosen interfaces: who does not wait says only what is amiss") {
  CHECK(nowhere_text({}) ==
        "no interface with an address is up that can multicast; name one by --interface");
  CHECK(nowhere_text({"eth0", "192.0.2.1"}) == "not up, or without an address: eth0, 192.0.2.1");
}

TEST_CASE("chosen interfaces: one that this host does not have is an error at start") {
  CHECK(check_interfaces({}));
  CHECK(check_interfaces({"lo"}));
  const auto missing = check_interfaces({"lo", "no-such-interface"});
  REQUIRE_FALSE(missing);
  CHECK(missing.error().text.find("no-such-interface") != std::string::npos);
}
