// SPDX-License-Identifier: MIT
#include "common/host/packet_tap.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <vector>

using namespace timecast;

namespace {

constexpr std::uint16_t kPort = 11123;
constexpr std::uint8_t kHopByHop = 0, kIgmp = 2, kTcp = 6, kUdp = 17, kIcmp6 = 58;

constexpr std::array<std::uint8_t, 4> kGroup{239, 255, 123, 124};

// What was asked for: 239.255.123.124 and another, or ff02::101.
TappedGroups asked_for(Family family) {
  Address group6 = Address::ipv6_last_octet(1);
  group6.octets[0] = 0xFF;
  group6.octets[1] = 2;
  group6.octets[14] = 1;
  if (family == Family::ipv6) return {family, kPort, {group6}};
  return {family, kPort, {Address::ipv4(239, 1, 1, 1), Address::ipv4(239, 255, 123, 124)}};
}

// An IPv4 packet of a protocol, to 239.255.123.124 or another first octet.
std::vector<std::uint8_t> packet(std::uint8_t protocol, std::vector<std::uint8_t> body,
                                 std::size_t options = 0, std::uint8_t first = 239) {
  std::vector<std::uint8_t> octets(20 + options);
  octets[0] = static_cast<std::uint8_t>(0x45 + options / 4);
  octets[9] = protocol;
  std::copy(kGroup.begin(), kGroup.end(), octets.begin() + 16);
  octets[16] = first;
  octets.insert(octets.end(), body.begin(), body.end());
  return octets;
}

// An IPv6 packet to ff02::101 or other first octets.
std::vector<std::uint8_t> packet6(std::uint8_t next, std::vector<std::uint8_t> body,
                                  std::uint8_t first = 0xFF, std::uint8_t scope = 2) {
  std::vector<std::uint8_t> octets(40);
  octets[0] = 0x60;
  octets[6] = next;
  octets[24] = first;
  octets[25] = scope;
  octets[38] = octets[39] = 1;
  octets.insert(octets.end(), body.begin(), body.end());
  return octets;
}

// ICMPv6 of a type, behind a router alert.
std::vector<std::uint8_t> mld(std::uint8_t type) {
  return {kIcmp6, 0, 0x05, 0x02, 0, 0, 0x01, 0, type, 0};
}

const std::vector<std::uint8_t> kUdpHeader{0x12, 0x34, 0x2B, 0x73, 0, 8, 0, 0};

LinkTraffic counted(const std::vector<std::uint8_t>& octets, bool is_ours) {
  LinkTraffic traffic;
  const Family family = octets.empty() || octets[0] >> 4 != 6 ? Family::ipv4 : Family::ipv6;
  count(octets, is_ours, asked_for(family), traffic);
  return traffic;
}

struct Row {
  const char* what;
  std::vector<std::uint8_t> octets;
  bool is_ours;
  LinkTraffic traffic;  // multicasts, sent, reports, queries
};

}  // namespace

TEST_CASE("packet tap: what is counted, and who sent it") {
  for (const Row& row : {
           Row{"an announcement", packet(kUdp, kUdpHeader), false, {1, 0, 0, 0}},
           Row{"one behind options", packet(kUdp, kUdpHeader, 4), false, {1, 0, 0, 0}},
           Row{"one of ours", packet(kUdp, kUdpHeader), true, {0, 1, 0, 0}},
           Row{"unicast", packet(kUdp, kUdpHeader, 0, 192), false, {}},
           Row{"another group", packet(kUdp, kUdpHeader, 0, 238), false, {}},
           Row{"an IPv6 group of another scope", packet6(kUdp, kUdpHeader, 0xFF, 5), false, {}},
           Row{"another port", packet(kUdp, {0x12, 0x34, 0x2B, 0x74, 0, 8, 0, 0}), false, {}},
           Row{"another protocol", packet(kTcp, kUdpHeader), false, {}},
           Row{"a report of version 2", packet(kIgmp, {0x16}, 4), true, {0, 0, 1, 0}},
           Row{"a report of version 3", packet(kIgmp, {0x22}, 4, 224), true, {0, 0, 1, 0}},
           Row{"another host's report", packet(kIgmp, {0x22}, 4, 224), false, {}},
           Row{"a query", packet(kIgmp, {0x11}, 4, 224), false, {0, 0, 0, 1}},
           Row{"a query of ours", packet(kIgmp, {0x11}, 4, 224), true, {}},
           Row{"IGMP of nothing", packet(kIgmp, {}), true, {}},
           Row{"an IPv6 announcement", packet6(kUdp, kUdpHeader), false, {1, 0, 0, 0}},
           Row{"an IPv6 one of ours", packet6(kUdp, kUdpHeader), true, {0, 1, 0, 0}},
           Row{"IPv6 unicast", packet6(kUdp, kUdpHeader, 0xFD), false, {}},
           Row{"MLD, a report of version 1", packet6(kHopByHop, mld(131)), true, {0, 0, 1, 0}},
           Row{"MLD, a report of version 2", packet6(kHopByHop, mld(143)), true, {0, 0, 1, 0}},
           Row{"MLD, another host's report", packet6(kHopByHop, mld(143)), false, {}},
           Row{"MLD, a query", packet6(kHopByHop, mld(130)), false, {0, 0, 0, 1}},
           Row{"ICMPv6 that is no MLD", packet6(kHopByHop, mld(135)), true, {}},
           Row{"another protocol behind options",
               packet6(kHopByHop, {kTcp, 0, 0, 0, 0, 0, 0, 0, 143}),
               true,
               {}},
           Row{"options that are longer than the packet",
               packet6(kHopByHop, {kIcmp6, 9, 0, 0, 0, 0, 0, 0, 143}),
               true,
               {}},
           Row{"half a UDP header", packet(kUdp, {0x12, 0x34, 0x2B, 0x73}), false, {}},
       }) {
    CAPTURE(row.what);
    CHECK(counted(row.octets, row.is_ours) == row.traffic);
  }
}

TEST_CASE("packet tap: a packet cut anywhere is counted as nothing or as itself") {
  for (const auto& whole : {packet(kUdp, kUdpHeader, 4), packet6(kUdp, kUdpHeader)}) {
    for (std::size_t size = 0; size < whole.size(); ++size) {
      CAPTURE(size);
      CHECK(counted({whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)}, false) ==
            LinkTraffic{});
    }
  }
  const std::vector<std::uint8_t> report = packet6(kHopByHop, mld(143));
  for (std::size_t size = 0; size < report.size() - 1; ++size) {
    CAPTURE(size);
    CHECK(counted({report.begin(), report.begin() + static_cast<std::ptrdiff_t>(size)}, true) ==
          LinkTraffic{});
  }
  std::vector<std::uint8_t> longer_than_it_is = packet(kUdp, {});
  longer_than_it_is[0] = 0x4F;
  CHECK(counted(longer_than_it_is, false) == LinkTraffic{});
}

TEST_CASE("packet tap: an interface that is not there is an error") {
  CHECK_FALSE(PacketTap::open(0x7FFF'0000, asked_for(Family::ipv4)));
}
