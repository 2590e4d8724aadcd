// SPDX-License-Identifier: MIT
#include "common/host/membership.hpp"

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

}  // namespace

Result<UniqueFd> join_probe_group(std::uint32_t interface) {
  UniqueFd fd{::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
  const ip_mreqn wanted = membership(interface, kProbeGroup);
  if (fd && ::setsockopt(fd.get(), IPPROTO_IP, IP_ADD_MEMBERSHIP, &wanted, sizeof wanted) == 0) {
    return fd;
  }
  return because(system_error("cannot join a group", errno));
}

Result<void> report_membership(std::uint32_t interface, const Address& group) {
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
  return because(system_error("cannot report a membership", errno));
}

}  // namespace timecast
