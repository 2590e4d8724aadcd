// SPDX-License-Identifier: MIT
#include "common/host/interfaces.hpp"

#include <doctest/doctest.h>
#include <net/if.h>

#include <algorithm>
#include <cstring>
#include <iostream>
#include <string>
#include <vector>

#include "common/host/interface_sources.hpp"
#include "common/host/socket_address.hpp"
#include "tests/unit/host_namespace.hpp"

using namespace timecast;

namespace {

Prefix prefix(const char* text) {
  const auto parsed = parse_prefix(text);
  REQUIRE(parsed);
  return *parsed;
}

std::string addresses_of(const Interface& interface) {
  std::string text;
  for (const Prefix& each : interface.addresses) text.append(to_string(each)).append(" ");
  return text;
}

// The kernel's form of a request to add an IPv6 address: linux/ipv6.h, which does not go together
// with the C library's headers.
struct Ipv6Request {
  in6_addr address;
  std::uint32_t prefix_length;
  int interface;
};

bool add_ipv6_address(const char* text) {
  Ipv6Request request{};
  ::inet_pton(AF_INET6, text, &request.address);
  request.prefix_length = 64;
  request.interface = 1;
  const UniqueFd fd{::socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
  return ::ioctl(fd.get(), SIOCSIFADDR, &request) == 0;
}

}  // namespace

TEST_CASE("host interfaces: the loopback interface is there and is no place to announce") {
  const auto lo = find_interface("lo");
  REQUIRE(lo);
  CHECK(lo->index == ::if_nametoindex("lo"));
  CHECK(lo->name == "lo");
  CHECK(lo->up);
  CHECK(lo->running);
  CHECK(lo->loopback);
  CHECK_FALSE(lo->point_to_point);
  CHECK_FALSE(lo->enslaved);
  CHECK_FALSE(is_usual(*lo));
  REQUIRE(lo->first(Family::ipv4) != nullptr);
  CHECK(to_string(*lo->first(Family::ipv4)) == "127.0.0.1/8");
}

TEST_CASE("host interfaces: each interface is listed once, in the order of the indices") {
  const auto interfaces = list_interfaces();
  REQUIRE_FALSE(interfaces.empty());
  const auto out_of_order =
      std::adjacent_find(interfaces.begin(), interfaces.end(),
                         [](const Interface& a, const Interface& b) { return a.index >= b.index; });
  CHECK(out_of_order == interfaces.end());
}

TEST_CASE("host interfaces: an interface is found by its name or by one of its addresses") {
  const auto by_name = find_interface("lo");
  const auto by_address = find_interface("127.0.0.1");
  REQUIRE(by_name);
  REQUIRE(by_address);
  CHECK(by_name->index == by_address->index);
}

TEST_CASE("host interfaces: what is not there is an error with the names that are") {
  in_own_network("host interfaces: what is not there is an error", []() -> std::string {
    const std::pair<const char*, const char*> rows[] = {
        {"eth7", "there is no interface \"eth7\" on this host; its interfaces are lo"},
        {"", "there is no interface \"\" on this host; its interfaces are lo"},
        {"192.0.2.77", "there is no address \"192.0.2.77\" on this host; its interfaces are lo"},
    };
    for (const auto& [name, text] : rows) {
      const auto found = find_interface(name);
      if (found || found.error().text != text)
        return found ? "found " + found->name : found.error().text;
    }
    return "";
  });
}

TEST_CASE("host interfaces: state and addresses are those of now") {
  in_own_network("host interfaces: state and addresses are those of now", []() -> std::string {
    const auto lo = [] { return find_interface("lo").value(); };
    if (lo().up || !lo().addresses.empty()) return "is up before it was set up";
    if (!set_loopback_flags(IFF_UP)) return "cannot set the interface up";
    if (!lo().up) return "is down after it was set up";
    if (lo().multicast) return "can multicast before it was told to";
    if (!set_loopback_flags(IFF_UP | IFF_MULTICAST)) return "cannot change the flags";
    if (!lo().multicast) return "cannot multicast after it was told to";
    if (!set_loopback_address("192.0.2.1")) return "cannot set an address";
    const std::string all = addresses_of(lo());
    return all.starts_with("192.0.2.1/24 ") ? "" : all;
  });
}

// An address with a label is listed under that label, like an interface of its own.
TEST_CASE("host interfaces: an address with a label belongs to its interface") {
  in_own_network("host interfaces: an address with a label", []() -> std::string {
    if (!set_loopback_flags(IFF_UP)) return "cannot set the interface up";
    if (!set_loopback_address("192.0.2.1", "lo:1")) return "cannot set an address";
    const auto interfaces = list_interfaces();
    if (interfaces.size() != 1) return "there are " + std::to_string(interfaces.size());
    if (interfaces[0].name != "lo") return "it is called " + interfaces[0].name;
    const auto found = find_interface("192.0.2.1");
    return found && found->name == "lo" ? "" : "it is not found by that address";
  });
}

TEST_CASE("host interfaces: IPv4 comes before IPv6, and link-local before other IPv6 addresses") {
  in_own_network("host interfaces: the order of addresses", []() -> std::string {
    if (!set_loopback_flags(IFF_UP)) return "cannot set the interface up";
    if (!add_ipv6_address("2001:db8::1")) {
      std::cout << "skipped: host interfaces: the order of addresses: this kernel has no IPv6\n";
      return "";
    }
    if (!add_ipv6_address("fe80::1")) return "cannot add a link-local address";
    const auto lo = find_interface("fe80::1");
    if (!lo) return lo.error().text;
    const std::string all = addresses_of(*lo);
    return all.starts_with("127.0.0.1/8 fe80::1/64 ") ? "" : all;
  });
}

TEST_CASE("host interfaces: without netlink they are the same") {
  in_own_network("host interfaces: without netlink they are the same", []() -> std::string {
    if (!set_loopback_flags(IFF_UP | IFF_MULTICAST)) return "cannot set the interface up";
    if (!set_loopback_address("192.0.2.1", "lo:1")) return "cannot set an address";
    add_ipv6_address("2001:db8::1");  // if this kernel has IPv6
    const auto all = [](const std::vector<Interface>& interfaces) {
      std::string text;
      for (const Interface& i : interfaces) {
        text += i.name + " " + std::to_string(i.index) + (i.up ? " up " : " down ") +
                (i.multicast ? "multicast " : "") + (i.loopback ? "loopback " : "");
        std::vector<Prefix> addresses = i.addresses;
        std::sort(addresses.begin(), addresses.end(),
                  [](const Prefix& a, const Prefix& b) { return to_string(a) < to_string(b); });
        for (const Prefix& each : addresses) text += to_string(each) + " ";
      }
      return text;
    };
    const std::string expected = all(list_by_netlink()), listed = all(list_by_ioctl());
    return expected == listed && !listed.empty() ? "" : listed + " instead of " + expected;
  });
}

TEST_CASE("host interfaces: announcements go where many can hear them") {
  struct Row {
    const char* name;
    bool usual;
    void (*change)(Interface&);
  };
  const Row rows[] = {
      {"Ethernet", true, [](Interface&) {}},
      {"a cable that is not plugged in", true, [](Interface& i) { i.running = false; }},
      {"down", false, [](Interface& i) { i.up = false; }},
      {"no multicast", false, [](Interface& i) { i.multicast = false; }},
      {"loopback", false, [](Interface& i) { i.loopback = true; }},
      {"a tunnel", false, [](Interface& i) { i.point_to_point = true; }},
      {"a port of a bridge", false, [](Interface& i) { i.enslaved = true; }},
      {"a bridge of containers", false, [](Interface& i) { i.leads_to_containers = true; }},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    Interface interface;
    interface.up = interface.running = interface.multicast = true;
    row.change(interface);
    CHECK(is_usual(interface) == row.usual);
  }
}

TEST_CASE("host interfaces: the first address of a family, if there is one") {
  Interface interface;
  CHECK(interface.first(Family::ipv4) == nullptr);
  interface.addresses = {prefix("192.0.2.1"), prefix("192.0.2.2"), prefix("fe80::1")};
  CHECK(*interface.first(Family::ipv4) == prefix("192.0.2.1"));
  CHECK(*interface.first(Family::ipv6) == prefix("fe80::1"));
  CHECK(interface.first(Family::none) == nullptr);
}
