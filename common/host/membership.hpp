// SPDX-License-Identifier: MIT
//
// Tries whether this host's memberships reach its switches.
//
// Errors:  the system's reason.
// Threads: any.
// Source:  RFC 2236 (IGMPv2 report), RFC 2113 (router alert); RFC 2710 (MLDv1 report), RFC 2711.
#pragma once

#include <cstdint>

#include <timecast/wire/endpoint.hpp>

#include "common/host/error.hpp"
#include "common/host/unique_fd.hpp"

namespace timecast {

// Nobody sends to them: joined for as long as the descriptor lives, to see whether that is
// reported. The second one is ff12::123:125, of those of a link that nobody has assigned.
inline constexpr Address kProbeGroup4 = Address::ipv4(239, 255, 123, 125);
inline constexpr Address kProbeGroup6{
    Family::ipv6, {0xFF, 0x12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x01, 0x23, 0x01, 0x25}};
[[nodiscard]] constexpr const Address& probe_group(Family family) noexcept {
  return family == Family::ipv6 ? kProbeGroup6 : kProbeGroup4;
}
[[nodiscard]] Result<UniqueFd> join_probe_group(std::uint32_t interface, Family family);

// Reports a membership that this host has once more; needs CAP_NET_RAW.
[[nodiscard]] Result<void> report_membership(std::uint32_t interface, const Address& group);

}  // namespace timecast
