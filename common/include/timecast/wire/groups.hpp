// SPDX-License-Identifier: MIT
//
// Where time is announced unless the operator says otherwise. Both programs must agree on these.
//
// Builds:  freestanding, constexpr.
// Source:  docs/protocol.md, section "Two streams"; RFC 2365 (239.255.0.0/16 stays on the site).
#pragma once

#include <cstdint>

#include <timecast/wire/endpoint.hpp>

namespace timecast {

// The precise stream: signed, for timecast listeners. The port needs no privilege.
inline constexpr Address kPreciseGroup4 = Address::ipv4(239, 255, 123, 124);
inline constexpr std::uint16_t kPrecisePort = 11'123;

// The plain stream: 48 octets, for anybody.
inline constexpr Address kPlainGroup4 = Address::ipv4(239, 255, 123, 123);
inline constexpr std::uint16_t kPlainPort = 123;

// All NTP servers on the link: ff02::101.
inline constexpr Address kNtpGroup6{Family::ipv6,
                                    {0xFF, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x01, 0x01}};

// RFC 5082: what has it crossed no router.
inline constexpr std::uint8_t kOnLinkHopLimit = 255;

}  // namespace timecast
