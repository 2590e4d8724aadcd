// SPDX-License-Identifier: MIT
#include "common/host/packet_tap.hpp"

#include <arpa/inet.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace timecast {

namespace {

constexpr unsigned kOctet = 8, kHighNibble = 4, kLowNibble = 0xF;
constexpr std::uint8_t kHopByHop = 0, kIgmp = 2, kUdp = 17, kIcmp6 = 58;
constexpr std::size_t kProtocolAt = 9, kDestinationAt = 16, kLeastHeader = 20, kUdpHeader = 8;
constexpr std::size_t kNextHeaderAt = 6, kIpv6DestinationAt = 24, kIpv6Header = 40;

// IGMP and what may be MLD, and UDP to the port: else a busy host's other packets would leave no
// room for them.
Result<void> attach_filter(int fd, std::uint16_t port) {
  std::array<sock_filter, 16> program{{
      BPF_STMT(BPF_LD | BPF_H | BPF_ABS, static_cast<std::uint32_t>(SKF_AD_OFF + SKF_AD_PROTOCOL)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ETH_P_IPV6, 7, 0),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ETH_P_IP, 0, 11),
      BPF_STMT(BPF_LD | BPF_B | BPF_ABS, kProtocolAt),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, kIgmp, 10, 0),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, kUdp, 0, 8),
      BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 0),
      BPF_STMT(BPF_LD | BPF_H | BPF_IND, 2),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, port, 6, 5),
      BPF_STMT(BPF_LD | BPF_B | BPF_ABS, kNextHeaderAt),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, kHopByHop, 4, 0),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, kUdp, 0, 2),
      BPF_STMT(BPF_LD | BPF_H | BPF_ABS, kIpv6Header + 2),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, port, 1, 0),
      BPF_STMT(BPF_RET | BPF_K, 0),
      BPF_STMT(BPF_RET | BPF_K, 128),
  }};
  const sock_fprog filter{static_cast<unsigned short>(program.size()), program.data()};
  if (::setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter) == 0) return {};
  return because(system_error("cannot choose which packets to see", errno));
}

void count_igmp(Octets body, bool is_ours, LinkTraffic& traffic) noexcept {
  constexpr std::uint8_t kQuery = 0x11, kReport1 = 0x12, kReport2 = 0x16, kReport3 = 0x22;
  if (body.empty()) return;
  const std::uint8_t type = body[0];
  if (type == kQuery && !is_ours) ++traffic.queries;
  const bool is_report = type == kReport1 || type == kReport2 || type == kReport3;
  if (is_report && is_ours) ++traffic.reports;
}

// Behind the options that every packet of MLD has: a router alert.
void count_mld(Octets options, bool is_ours, LinkTraffic& traffic) noexcept {
  constexpr std::uint8_t kQuery = 130, kReport1 = 131, kReport2 = 143;
  constexpr std::size_t kUnit = 8;
  if (options.size() < kUnit || options[0] != kIcmp6) return;
  const std::size_t length = (std::size_t{options[1]} + 1) * kUnit;
  if (options.size() <= length) return;
  const std::uint8_t type = options[length];
  if (type == kQuery && !is_ours) ++traffic.queries;
  if ((type == kReport1 || type == kReport2) && is_ours) ++traffic.reports;
}

void count_udp(Octets body, bool is_ours, std::uint16_t port, LinkTraffic& traffic) noexcept {
  if (body.size() < kUdpHeader || (body[2] << kOctet | body[3]) != port) return;
  ++(is_ours ? traffic.sent : traffic.multicasts);
}

// A card that is promiscuous, or does not choose, brings those to other groups too.
bool is_asked_for(Family family, Octets destination, const TappedGroups& asked) noexcept {
  Address address{family, {}};
  std::copy(destination.begin(), destination.end(), address.octets.begin());
  return std::find(asked.groups.begin(), asked.groups.end(), address) != asked.groups.end();
}

void count_ipv4(Octets packet, bool is_ours, const TappedGroups& asked,
                LinkTraffic& traffic) noexcept {
  constexpr unsigned kWord = 4;
  if (packet.size() < kLeastHeader) return;
  const std::size_t header = (std::size_t{packet[0]} & kLowNibble) * kWord;
  if (header < kLeastHeader || packet.size() < header) return;
  const Octets body = packet.subspan(header);
  if (packet[kProtocolAt] == kIgmp) return count_igmp(body, is_ours, traffic);
  if (packet[kProtocolAt] != kUdp) return;
  const Octets destination = packet.subspan(kDestinationAt, kLeastHeader - kDestinationAt);
  if (is_asked_for(Family::ipv4, destination, asked)) {
    count_udp(body, is_ours, asked.port, traffic);
  }
}

void count_ipv6(Octets packet, bool is_ours, const TappedGroups& asked,
                LinkTraffic& traffic) noexcept {
  if (packet.size() < kIpv6Header) return;
  const Octets body = packet.subspan(kIpv6Header);
  const std::uint8_t next = packet[kNextHeaderAt];
  if (next == kHopByHop) return count_mld(body, is_ours, traffic);
  if (next != kUdp) return;
  const Octets destination = packet.subspan(kIpv6DestinationAt, kIpv6Header - kIpv6DestinationAt);
  if (is_asked_for(Family::ipv6, destination, asked)) {
    count_udp(body, is_ours, asked.port, traffic);
  }
}

// By the version number that both begin with.
Family family_of(Octets packet) noexcept {
  constexpr unsigned kIpv4 = 4, kIpv6 = 6;
  const unsigned version = packet.empty() ? 0U : packet[0] >> kHighNibble;
  if (version == kIpv4) return Family::ipv4;
  return version == kIpv6 ? Family::ipv6 : Family::none;
}

}  // namespace

void count(Octets packet, bool is_ours, const TappedGroups& asked, LinkTraffic& traffic) noexcept {
  const Family family = family_of(packet);
  if (family == Family::ipv4) count_ipv4(packet, is_ours, asked, traffic);
  if (family == Family::ipv6) count_ipv6(packet, is_ours, asked, traffic);
}

Result<PacketTap> PacketTap::open(std::uint32_t interface, TappedGroups asked) {
  // Of no protocol until it is bound: nothing of other interfaces comes in between.
  UniqueFd fd{::socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
  if (!fd) return because(system_error("cannot see packets", errno, "ask as root"));
  if (const auto filtered = attach_filter(fd.get(), asked.port); !filtered) {
    return because(filtered.error());
  }
  sockaddr_ll where{};
  where.sll_family = AF_PACKET;
  where.sll_protocol = htons(ETH_P_ALL);  // with ETH_P_IP those that leave would not be seen
  where.sll_ifindex = static_cast<int>(interface);
  if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&where), sizeof where) != 0) {
    return because(system_error("cannot see packets of that interface", errno));
  }
  return PacketTap{std::move(fd), std::move(asked)};
}

LinkTraffic PacketTap::read() {
  constexpr int kMost = 100'000;  // a flood does not keep us for ever
  std::array<std::uint8_t, 128> packet{};
  for (int i = 0; i < kMost; ++i) {
    sockaddr_ll from{};
    socklen_t size = sizeof from;
    const ssize_t got = ::recvfrom(fd_.get(), packet.data(), packet.size(), 0,
                                   reinterpret_cast<sockaddr*>(&from), &size);
    if (got < 0) break;
    const Octets octets{packet.data(), static_cast<std::size_t>(got)};
    if (family_of(octets) != asked_.family) continue;
    count(octets, from.sll_pkttype == PACKET_OUTGOING, asked_, traffic_);
  }
  return traffic_;
}

}  // namespace timecast
