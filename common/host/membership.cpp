// SPDX-License-Identifier: MIT
#include "common/host/membership.hpp"

#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace timecast {

namespace {

ip_mreqn membership(std::uint32_t interface, const Address& group) {
  ip_mreqn wanted{};
  std::memcpy(&wanted.imr_multiaddr, group.octets.data(), sizeof wanted.imr_multiaddr);
  wanted.imr_ifindex = static_cast<int>(interface);
  return wanted;
}

// The Internet checksum of what has an even length and 0 in its place.
std::uint16_t checksum_of(const std::array<std::uint8_t, 8>& octets) noexcept {
  constexpr unsigned kOctet = 8, kLow = 0xFFFF, kHalf = 16;
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < octets.size(); i += 2) {
    sum += static_cast<std::uint32_t>(octets[i] << kOctet | octets[i + 1]);
  }
  sum = (sum & kLow) + (sum >> kHalf);
  return static_cast<std::uint16_t>(~(sum + (sum >> kHalf)));
}

bool join4(int fd, std::uint32_t interface) {
  const ip_mreqn wanted = membership(interface, kProbeGroup4);
  return ::setsockopt(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &wanted, sizeof wanted) == 0;
}

bool join6(int fd, std::uint32_t interface) {
  ipv6_mreq wanted{};
  std::memcpy(&wanted.ipv6mr_multiaddr, kProbeGroup6.octets.data(), sizeof wanted.ipv6mr_multiaddr);
  wanted.ipv6mr_interface = interface;
  return ::setsockopt(fd, IPPROTO_IPV6, IPV6_JOIN_GROUP, &wanted, sizeof wanted) == 0;
}

Error not_reported() { return system_error("cannot report a membership", errno); }

Result<void> report4(std::uint32_t interface, const Address& group) {
  constexpr std::array<std::uint8_t, 4> kRouterAlert{0x94, 0x04, 0x00, 0x00};
  constexpr std::uint8_t kReport = 0x16;
  constexpr std::size_t kChecksumAt = 2, kGroupAt = 4;
  constexpr unsigned kOctet = 8;
  const UniqueFd fd{::socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_IGMP)};
  const ip_mreqn out = membership(interface, group);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_addr = out.imr_multiaddr;
  std::array<std::uint8_t, 8> report{kReport};
  std::copy_n(group.octets.begin(), 4, report.begin() + kGroupAt);
  const std::uint16_t checksum = checksum_of(report);
  report[kChecksumAt] = static_cast<std::uint8_t>(checksum >> kOctet);
  report[kChecksumAt + 1] = static_cast<std::uint8_t>(checksum);
  if (fd && ::setsockopt(fd.get(), IPPROTO_IP, IP_MULTICAST_IF, &out, sizeof out) == 0 &&
      ::setsockopt(fd.get(), IPPROTO_IP, IP_OPTIONS, kRouterAlert.data(), kRouterAlert.size()) ==
          0 &&
      ::sendto(fd.get(), report.data(), report.size(), 0, reinterpret_cast<const sockaddr*>(&to),
               sizeof to) >= 0) {
    return {};
  }
  return because(not_reported());
}

// The kernel adds the checksum.
Result<void> report6(std::uint32_t interface, const Address& group) {
  constexpr std::array<std::uint8_t, 8> kRouterAlert{0, 0, 0x05, 0x02, 0, 0, 0x01, 0};
  constexpr std::size_t kGroupAt = 8;
  constexpr int kHops = 1;
  const UniqueFd fd{::socket(AF_INET6, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMPV6)};
  sockaddr_in6 to{};
  to.sin6_family = AF_INET6;
  to.sin6_scope_id = interface;
  std::memcpy(&to.sin6_addr, group.octets.data(), sizeof to.sin6_addr);
  std::array<std::uint8_t, 24> report{MLD_LISTENER_REPORT};
  std::copy(group.octets.begin(), group.octets.end(), report.begin() + kGroupAt);
  const auto set = [&](int option, const auto& value) {
    return ::setsockopt(fd.get(), IPPROTO_IPV6, option, &value, sizeof value) == 0;
  };
  if (fd && set(IPV6_MULTICAST_IF, interface) && set(IPV6_MULTICAST_HOPS, kHops) &&
      set(IPV6_HOPOPTS, kRouterAlert) &&
      ::sendto(fd.get(), report.data(), report.size(), 0, reinterpret_cast<const sockaddr*>(&to),
               sizeof to) >= 0) {
    return {};
  }
  return because(not_reported());
}

}  // namespace

Result<UniqueFd> join_probe_group(std::uint32_t interface, Family family) {
  const bool is_ipv6 = family == Family::ipv6;
  UniqueFd fd{::socket(is_ipv6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
  if (fd && (is_ipv6 ? join6 : join4)(fd.get(), interface)) return fd;
  return because(system_error("cannot join a group", errno));
}

Result<void> report_membership(std::uint32_t interface, const Address& group) {
  return (group.family == Family::ipv6 ? report6 : report4)(interface, group);
}

}  // namespace timecast
