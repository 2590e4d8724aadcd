// SPDX-License-Identifier: MIT
//
// Tries whether this host's memberships reach its switches. IPv4 alone.
//
// Errors:  the system's reason.
// Threads: any.
// Source:  RFC 2236 (IGMPv2 report), RFC 2113 (router alert).
#pragma once

#include <cstdint>

#include <timecast/wire/endpoint.hpp>

#include "common/host/error.hpp"
#include "common/host/unique_fd.hpp"

namespace timecast {

// Nobody sends to it: joined for as long as the descriptor lives, to see whether that is reported.
inline constexpr Address kProbeGroup = Address::ipv4(239, 255, 123, 125);
[[nodiscard]] Result<UniqueFd> join_probe_group(std::uint32_t interface);

// Reports a membership that this host has once more; needs CAP_NET_RAW.
[[nodiscard]] Result<void> report_membership(std::uint32_t interface, const Address& group);

}  // namespace timecast
