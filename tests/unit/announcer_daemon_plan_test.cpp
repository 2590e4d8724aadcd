// SPDX-License-Identifier: MIT
#include "announcer/daemon/plan.hpp"

#include <doctest/doctest.h>

#include "tests/unit/host_interface_list.hpp"

using namespace timecast;

namespace {

std::vector<Interface> one_interface() {
  return {made_up_loopback(),
          made_up_interface(2, "eth0",
                            {"192.0.2.1/24", "192.0.2.2/24", "fe80::1/64", "2001:db8::1/64"})};
}

std::string in_words(const Endpoint& endpoint) {
  const std::string address = to_string(endpoint.address);
  const bool is_ipv6 = endpoint.address.family == Family::ipv6;
  return (is_ipv6 ? '[' + address + ']' : address) + ':' + std::to_string(endpoint.port);
}

// "precise 192.0.2.1:11123 -> 239.255.123.124:11123\n": a line for each socket.
std::string in_words(const std::vector<SocketWish>& wishes) {
  std::string text;
  for (const SocketWish& wish : wishes) {
    text += wish.kind == StreamKind::precise ? "precise " : "plain ";
    text += in_words(wish.local);
    for (const Endpoint& to : wish.destinations) {
      text += " -> " + in_words(to);
      CHECK(to.interface == wish.local.interface);
    }
    text += '\n';
  }
  return text;
}

std::string planned(const AnnouncerOptions& options, const std::vector<Interface>& present) {
  return in_words(plan_sockets(options, choose_interfaces(options.interfaces, present)));
}

void add_plain(AnnouncerOptions& options, const std::string& text, std::uint16_t port = kPlainPort,
               std::uint32_t interface = 0) {
  options.plain_destinations.push_back({parse_address(text).value(), port, interface});
}

std::string list_of(const std::vector<Endpoint>& endpoints) {
  std::string text;
  for (const Endpoint& each : endpoints) text += in_words(each) + ' ';
  return text;
}

}  // namespace

TEST_CASE(
    "announcer's plan: every address answers on both ports, the first of a family announces") {
  CHECK(planned({}, one_interface()) ==
        "precise 192.0.2.1:11123 -> 239.255.123.124:11123\n"
        "precise 192.0.2.2:11123\n"
        "precise [fe80::1]:11123 -> [ff02::101]:11123\n"
        "precise [2001:db8::1]:11123\n"
        "plain 192.0.2.1:123 -> 239.255.123.123:123\n"
        "plain 192.0.2.2:123\n"
        "plain [fe80::1]:123\n"
        "plain [2001:db8::1]:123\n");
}

TEST_CASE("announcer's plan: without the plain stream port 123 is left alone") {
  AnnouncerOptions options;
  options.plain = false;
  CHECK(planned(options, one_interface()) ==
        "precise 192.0.2.1:11123 -> 239.255.123.124:11123\n"
        "precise 192.0.2.2:11123\n"
        "precise [fe80::1]:11123 -> [ff02::101]:11123\n"
        "precise [2001:db8::1]:11123\n");
}

TEST_CASE("announcer's plan: an address that is named is used alone, and announces") {
  AnnouncerOptions options;
  options.interfaces = {"192.0.2.2"};
  CHECK(planned(options, one_interface()) ==
        "precise 192.0.2.2:11123 -> 239.255.123.124:11123\n"
        "plain 192.0.2.2:123 -> 239.255.123.123:123\n");
}

TEST_CASE("announcer's plan: loopback by its address is told from other interfaces") {
  AnnouncerOptions options;
  options.interfaces = {"127.0.0.1"};
  options.plain = false;
  const auto wishes = plan_sockets(options, choose_interfaces(options.interfaces, one_interface()));
  REQUIRE(wishes.size() == 1);
  CHECK(wishes[0].loopback);
  CHECK(wishes[0].interface_name == "lo");
  CHECK(in_words(wishes) == "precise 127.0.0.1:11123 -> 239.255.123.124:11123\n");
}

TEST_CASE("announcer's plan: other groups, port and no address at all") {
  AnnouncerOptions options;
  options.plain = false;
  options.port = 5000;
  options.group4 = Address::ipv4(239, 1, 2, 3);
  CHECK(planned(options, {made_up_interface(2, "eth0", {"192.0.2.1/24"})}) ==
        "precise 192.0.2.1:5000 -> 239.1.2.3:5000\n");
  CHECK(planned(options, {made_up_interface(2, "eth0", {})}) == "");
  CHECK(planned(options, {}) == "");
}

TEST_CASE("announcer's plan: each interface announces to each group") {
  AnnouncerOptions options;
  add_plain(options, "224.0.1.1");
  CHECK(planned(options, {made_up_interface(2, "eth0", {"192.0.2.1/24"}),
                          made_up_interface(3, "eth1", {"198.51.100.1/24"})}) ==
        "precise 192.0.2.1:11123 -> 239.255.123.124:11123\n"
        "plain 192.0.2.1:123 -> 239.255.123.123:123 -> 224.0.1.1:123\n"
        "precise 198.51.100.1:11123 -> 239.255.123.124:11123\n"
        "plain 198.51.100.1:123 -> 239.255.123.123:123 -> 224.0.1.1:123\n");
}

TEST_CASE("announcer's plan: a broadcast goes out where its network is, and nowhere else") {
  struct Row {
    const char* address;
    const char* broadcast;
    bool goes_out;
  };
  for (const Row& row : {
           Row{"192.0.2.1/24", "192.0.2.255", true},
           Row{"192.0.2.1/25", "192.0.2.127", true},
           Row{"192.0.2.129/25", "192.0.2.127", false},
           Row{"192.0.2.1/24", "192.0.3.255", false},
           Row{"192.0.2.1/24", "192.0.2.9", false},
           Row{"10.1.2.3/8", "10.255.255.255", true},
           Row{"10.1.2.3/30", "10.1.2.3", true},
           Row{"10.1.2.4/31", "10.1.2.5", false},  // a /31 has no broadcast address (RFC 3021)
           Row{"10.1.2.5/32", "10.1.2.5", false},
           Row{"192.0.2.1/24", "255.255.255.255", true},
           Row{"10.1.2.4/31", "255.255.255.255", true},
       }) {
    CAPTURE(row.address);
    CAPTURE(row.broadcast);
    AnnouncerOptions options;
    options.plain_destinations.clear();
    add_plain(options, row.broadcast);
    const auto wishes =
        plan_sockets(options, choose_interfaces({}, {made_up_interface(2, "eth0", {row.address})}));
    REQUIRE(wishes.size() == 2);
    CHECK(wishes[1].destinations.size() == (row.goes_out ? 1 : 0));
    CHECK(wishes[1].needs_broadcast() == row.goes_out);
    CHECK_FALSE(wishes[0].needs_broadcast());
  }
}

TEST_CASE("announcer's plan: a broadcast comes from the first address of its network") {
  AnnouncerOptions options;
  options.plain_destinations.clear();
  add_plain(options, "198.51.100.255");
  add_plain(options, "255.255.255.255");
  CHECK(planned(options, {made_up_interface(
                             2, "eth0", {"192.0.2.1/24", "198.51.100.1/24", "198.51.100.2/24"})}) ==
        "precise 192.0.2.1:11123 -> 239.255.123.124:11123\n"
        "precise 198.51.100.1:11123\n"
        "precise 198.51.100.2:11123\n"
        "plain 192.0.2.1:123 -> 255.255.255.255:123\n"
        "plain 198.51.100.1:123 -> 198.51.100.255:123\n"
        "plain 198.51.100.2:123\n");
}

TEST_CASE("announcer's plan: each interface's own broadcast is that of each of its networks") {
  AnnouncerOptions options;
  options.plain_destinations = {parse_plain_destination("broadcast").value(),
                                parse_plain_destination("192.0.2.255").value(),
                                parse_plain_destination("broadcast:1123").value()};
  CHECK(planned(options, {made_up_interface(2, "eth0", {"192.0.2.1/24", "10.1.2.3/8"}),
                          made_up_interface(3, "eth1", {"192.0.2.2/24", "fe80::1/64"}),
                          made_up_interface(4, "ppp0", {"10.1.2.4/31"})}) ==
        "precise 192.0.2.1:11123 -> 239.255.123.124:11123\n"
        "precise 10.1.2.3:11123\n"
        "plain 192.0.2.1:123 -> 192.0.2.255:123\n"
        "plain 192.0.2.1:1123 -> 192.0.2.255:1123\n"
        "plain 10.1.2.3:123 -> 10.255.255.255:123\n"
        "plain 10.1.2.3:1123 -> 10.255.255.255:1123\n"
        "precise 192.0.2.2:11123 -> 239.255.123.124:11123\n"
        "precise [fe80::1]:11123 -> [ff02::101]:11123\n"
        "plain 192.0.2.2:123 -> 192.0.2.255:123\n"
        "plain 192.0.2.2:1123 -> 192.0.2.255:1123\n"
        "plain [fe80::1]:123\n"
        "precise 10.1.2.4:11123 -> 239.255.123.124:11123\n"
        "plain 10.1.2.4:123\n");
}

TEST_CASE("announcer's plan: an address in networks of two sizes has one socket of each kind") {
  AnnouncerOptions options;
  options.plain_destinations = {parse_plain_destination("broadcast").value()};
  CHECK(planned(options, {made_up_interface(2, "eth0", {"192.0.2.1/24", "192.0.2.1/25"})}) ==
        "precise 192.0.2.1:11123 -> 239.255.123.124:11123\n"
        "plain 192.0.2.1:123 -> 192.0.2.255:123 -> 192.0.2.127:123\n");
}

TEST_CASE("announcer's plan: a destination that names its interface goes out by that one") {
  AnnouncerOptions options;
  options.plain_destinations.clear();
  add_plain(options, "ff02::101", kPlainPort, 3);
  CHECK(planned(options, {made_up_interface(2, "eth0", {"fe80::1/64"}),
                          made_up_interface(3, "eth1", {"fe80::2/64"})}) ==
        "precise [fe80::1]:11123 -> [ff02::101]:11123\n"
        "plain [fe80::1]:123\n"
        "precise [fe80::2]:11123 -> [ff02::101]:11123\n"
        "plain [fe80::2]:123 -> [ff02::101]:123\n");
}

TEST_CASE("announcer's plan: another port is a source too, at the announcing address alone") {
  AnnouncerOptions options;
  add_plain(options, "239.192.54.1", 1123);
  CHECK(planned(options, one_interface()) ==
        "precise 192.0.2.1:11123 -> 239.255.123.124:11123\n"
        "precise 192.0.2.2:11123\n"
        "precise [fe80::1]:11123 -> [ff02::101]:11123\n"
        "precise [2001:db8::1]:11123\n"
        "plain 192.0.2.1:123 -> 239.255.123.123:123\n"
        "plain 192.0.2.1:1123 -> 239.192.54.1:1123\n"
        "plain 192.0.2.2:123\n"
        "plain [fe80::1]:123\n"
        "plain [2001:db8::1]:123\n");
}

TEST_CASE("announcer's plan: destinations that nothing goes to are known") {
  AnnouncerOptions options;
  add_plain(options, "192.0.2.255");
  add_plain(options, "203.0.113.255");
  add_plain(options, "ff02::101");
  add_plain(options, "192.0.2.255", 1123);
  const std::vector<Interface> ipv4_alone{made_up_interface(2, "eth0", {"192.0.2.1/24"})};
  const auto wishes = plan_sockets(options, choose_interfaces({}, ipv4_alone));
  CHECK(list_of(unreachable_destinations(options, wishes)) == "203.0.113.255:123 [ff02::101]:123 ");
  const auto lonely = choose_interfaces({}, {made_up_interface(2, "eth0", {"10.1.2.4/31"})});
  AnnouncerOptions own;
  own.plain_destinations.push_back(parse_plain_destination("broadcast").value());
  CHECK(list_of(unreachable_destinations(own, plan_sockets(own, lonely))) == "0.0.0.0:123 ");
  CHECK(list_of(unreachable_destinations(own, wishes)) == "");
  // Nobody asked for the usual group.
  CHECK(list_of(unreachable_destinations({}, {})) == "");
  options.plain = false;
  CHECK(list_of(unreachable_destinations(options, {})) == "");
}

TEST_CASE(
    "announcer's plan: whoever is on a link of this host may ask, and whom the operator allows") {
  AnnouncerOptions options;
  options.allow.push_back(address_in_network("10.0.0.0/8"));
  AccessList access;
  CHECK(plan_access(options, choose_interfaces({}, one_interface()), access));
  for (const char* const address : {"192.0.2.77", "fe80::77", "2001:db8::77", "10.9.9.9"}) {
    CAPTURE(address);
    CHECK(access.allows(parse_address(address).value()));
  }
  for (const char* const address : {"192.0.3.1", "2001:db8:1::1", "11.0.0.1"}) {
    CAPTURE(address);
    CHECK_FALSE(access.allows(parse_address(address).value()));
  }
}

TEST_CASE("announcer's plan: many addresses of one network take one place among those allowed") {
  Interface crowded = made_up_interface(2, "eth0", {});
  for (unsigned i = 1; i < 1000; ++i) {
    crowded.addresses.push_back(address_in_network("10.0." + std::to_string(i / 256) + '.' +
                                                   std::to_string(i % 256) + "/8"));
  }
  crowded.addresses.push_back(address_in_network("192.0.2.1/24"));
  AccessList access;
  CHECK(plan_access({}, choose_interfaces({}, {crowded}), access));
  CHECK(access.allows(Address::ipv4(10, 200, 0, 1)));
  CHECK(access.allows(Address::ipv4(192, 0, 2, 200)));
}

TEST_CASE("announcer's plan: networks beyond the last place are left out, and that is said") {
  Interface crowded = made_up_interface(2, "eth0", {});
  for (unsigned i = 0; i <= AccessList::kCapacity; ++i) {
    crowded.addresses.push_back(address_in_network("10." + std::to_string(i / 256) + '.' +
                                                   std::to_string(i % 256) + ".1/24"));
  }
  AnnouncerOptions options;
  options.allow.push_back(address_in_network("192.0.2.0/24"));
  AccessList access;
  CHECK_FALSE(plan_access(options, choose_interfaces({}, {crowded}), access));
  CHECK(access.allows(Address::ipv4(192, 0, 2, 1)));  // the operator's come first
  CHECK(access.allows(Address::ipv4(10, 0, 0, 9)));
  CHECK_FALSE(access.allows(Address::ipv4(10, 1, 0, 9)));
}
