// SPDX-License-Identifier: MIT
#include "common/host/kernel_tables.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <fstream>
#include <string>

#include "common/host/socket_address.hpp"
#include "tests/unit/host_udp.hpp"

using namespace timecast;

namespace {

std::string in_words(const std::vector<JoinedGroup>& groups) {
  std::string text;
  for (const JoinedGroup& each : groups) {
    text += each.interface_name + ' ' + to_string(each.group) + '\n';
  }
  return text;
}

// The kernel prints numbers of its machine; the sample tables come from one of these.
static_assert(std::endian::native == std::endian::little);

std::string own_name() {
  std::string name;
  std::getline(std::ifstream{"/proc/self/comm"}, name);
  return name;
}

}  // namespace

TEST_CASE("kernel tables: a file that opens and cannot be read says nothing") {
  CHECK(kernel_text("/proc/self").empty());  // a directory
  CHECK(kernel_text("/proc/nothing").empty());
  CHECK_FALSE(kernel_text("/proc/self/status").empty());
}

TEST_CASE("kernel tables: IPv4 memberships stand below their interface") {
  CHECK(
      in_words(joined_ipv4_groups("Idx\tDevice    : Count Querier\tGroup    Users Timer\tReporter\n"
                                  "1\tlo        :     1      V3\n"
                                  "\t\t\t\t010000E0     1 0:00000000\t\t0\n"
                                  "4\tenp0s31f6.4094:     2      V3\n"
                                  "\t\t\t\t7C7BFFEF     1 0:00000000\t\t0\n"
                                  "\t\t\t\t010000E0     1 0:00000000\t\t0\n")) ==
      "lo 224.0.0.1\n"
      "enp0s31f6.4094 239.255.123.124\n"
      "enp0s31f6.4094 224.0.0.1\n");
}

TEST_CASE("kernel tables: IPv6 memberships name their interface") {
  CHECK(in_words(joined_ipv6_groups(
            "1    lo              ff020000000000000000000000000001     1 0000000C 0\n"
            "14   eth0            ff020000000000000000000000000101     1 00000004 0\n")) ==
        "lo ff02::1\n"
        "eth0 ff02::101\n");
}

TEST_CASE("kernel tables: UDP sockets with their address, port, owner and number") {
  const auto sockets = bound_sockets(
      "   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout "
      "inode ref pointer drops            \n"
      " 1234: 7C7BFFEF:2B73 00000000:0000 07 00000000:00000000 00:00000000 00000000  1000        0 "
      "4711 2 0000000000000000 0         \n"
      "  99: 000080FE00000000FF005450130034FE:007B 00000000000000000000000000000000:0000 07 "
      "00000000:00000000 00:00000000 00000000     0        0 42 2 0000000000000000 0\n");
  REQUIRE(sockets.size() == 2);
  CHECK(sockets[0] == BoundSocket{Address::ipv4(239, 255, 123, 124), 11'123, 1000, 4711});
  CHECK(to_string(sockets[1].address) == "fe80::5054:ff:fe34:13");
  CHECK(sockets[1].port == 123);
  CHECK(sockets[1].uid == 0);
  CHECK(sockets[1].inode == 42);
}

TEST_CASE("kernel tables: rows that are none are left out") {
  for (const char* const table :
       {"", "\n", "1\n", "\t\t\t\tzz 1\n", "a b c d e f g h i j k\n",
        " 1: 7C7BFFEF 0 07 0 0 0 0 0 0 0\n", " 1: 7C7BFFEF:2B730 0 07 0 0 0 0 0 0 0\n"}) {
    CAPTURE(table);
    CHECK(joined_ipv4_groups(table).empty());
    CHECK(joined_ipv6_groups(table).empty());
    CHECK(bound_sockets(table).empty());
  }
}

TEST_CASE("kernel tables: the holder of a port is found with its name") {
  const UdpSocket socket = opened(unicast_options());
  const auto holders = holders_of_udp_port(socket.local().port);
  REQUIRE(holders.size() == 1);
  CHECK(holders[0].socket.address == kHere);
  CHECK(holders[0].socket.uid == ::geteuid());
  REQUIRE(holders[0].process);
  CHECK(holders[0].process->pid == static_cast<std::uint32_t>(::getpid()));
  CHECK(holders[0].process->name == own_name());
}

TEST_CASE("kernel tables: a group that this process has joined is listed") {
  const UdpSocket socket = opened(group_options());
  const auto groups = list_joined_groups();
  CHECK(std::find(groups.begin(), groups.end(), JoinedGroup{"lo", kGroup}) != groups.end());
}

TEST_CASE("kernel tables: this process is among the processes") {
  const auto processes = list_processes();
  CHECK(std::any_of(processes.begin(), processes.end(), [](const Process& each) {
    return each.pid == static_cast<std::uint32_t>(::getpid()) && each.name == own_name();
  }));
}

TEST_CASE("kernel tables: the right to set the clock is one of the effective ones") {
  CHECK(has_clock_right("Name:\tchronyd\nCapPrm:\t0\nCapEff:\t0000000002000400\nCapBnd:\t0\n"));
  CHECK_FALSE(has_clock_right("Name:\tx\nCapPrm:\t0000000002000000\nCapEff:\t00000000fdffffff\n"));
  CHECK_FALSE(has_clock_right("Name:\tCapEff\n"));
  CHECK_FALSE(has_clock_right(""));
  CHECK_FALSE(may_set_clock({0, "nobody"}));
}
