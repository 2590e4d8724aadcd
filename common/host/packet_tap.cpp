// SPDX-License-Identifier: MIT
#include "common/host/packet_tap.hpp"

#include <arpa/inet.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>

namespace timecast {

namespace {

constexpr std::uint8_t kIgmp = 2, kUdp = 17;
constexpr std::size_t kProtocolAt = 9, kDestinationAt = 16, kLeastHeader = 20, kUdpHeader = 8;

// IGMP, and UDP to the port: else a busy host's other packets would leave no room for them.
Result<void> attach_filter(int fd, std::uint16_t port) {
  std::array<sock_filter, 11> program{{
      BPF_STMT(BPF_LD | BPF_H | BPF_ABS, static_cast<std::uint32_t>(SKF_AD_OFF + SKF_AD_PROTOCOL)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ETH_P_IP, 0, 8),
      BPF_STMT(BPF_LD | BPF_B | BPF_ABS, kProtocolAt),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, kIgmp, 5, 0),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, kUdp, 0, 5),
      BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 0),
      BPF_STMT(BPF_LD | BPF_H | BPF_IND, 2),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, port, 1, 0),
      BPF_STMT(BPF_RET | BPF_K, 0),
      BPF_STMT(BPF_RET | BPF_K, 128),
      BPF_STMT(BPF_RET | BPF_K, 0),
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

}  // namespace

void count(Octets packet, bool is_ours, std::uint16_t port, LinkTraffic& traffic) noexcept {
  constexpr unsigned kHighNibble = 4, kLowNibble = 0xF, kWord = 4, kOctet = 8;
  if (packet.size() < kLeastHeader || packet[0] >> kHighNibble != 4) return;
  const std::size_t header = (std::size_t{packet[0]} & kLowNibble) * kWord;
  if (header < kLeastHeader || packet.size() < header) return;
  const Octets body = packet.subspan(header);
  if (packet[kProtocolAt] == kIgmp) return count_igmp(body, is_ours, traffic);
  const bool is_multicast = packet[kDestinationAt] >> kHighNibble == 0xE;
  if (packet[kProtocolAt] != kUdp || body.size() < kUdpHeader || !is_multicast) return;
  if ((body[2] << kOctet | body[3]) == port) ++(is_ours ? traffic.sent : traffic.multicasts);
}

Result<PacketTap> PacketTap::open(std::uint32_t interface, std::uint16_t port) {
  // Of no protocol until it is bound: nothing of other interfaces comes in between.
  UniqueFd fd{::socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
  if (!fd) return because(system_error("cannot see packets", errno, "ask as root"));
  if (const auto filtered = attach_filter(fd.get(), port); !filtered) {
    return because(filtered.error());
  }
  sockaddr_ll where{};
  where.sll_family = AF_PACKET;
  where.sll_protocol = htons(ETH_P_ALL);  // with ETH_P_IP those that leave would not be seen
  where.sll_ifindex = static_cast<int>(interface);
  if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&where), sizeof where) != 0) {
    return because(system_error("cannot see packets of that interface", errno));
  }
  return PacketTap{std::move(fd), port};
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
    count(Octets{packet.data(), static_cast<std::size_t>(got)}, from.sll_pkttype == PACKET_OUTGOING,
          port_, traffic_);
  }
  return traffic_;
}

}  // namespace timecast
