// SPDX-License-Identifier: MIT
//
// From a frame as it was recorded to the UDP datagram in it: Ethernet (with at most one VLAN tag),
// Linux "cooked" and raw IP; IPv4 with options, IPv6 with extension headers.
//
// Checksums are not looked at: what a host records of its own packets has none yet.
//
// Errors:  a frame that is cut off or contradicts itself, in words. Frames that carry anything but
//          UDP are nothing.
// Threads: any; pure functions.
// Source:  RFC 791, 8200, 768; the list of link types of tcpdump.org.
#pragma once

#include <optional>

#include <timecast/wire/endpoint.hpp>
#include <timecast/wire/expected.hpp>
#include <timecast/wire/octets.hpp>

#include "common/host/error.hpp"

namespace timecast {

enum class LinkType : std::uint16_t {
  ethernet = 1,
  raw_ip = 101,
  linux_cooked = 113,
  ipv4 = 228,
  ipv6 = 229,
  linux_cooked2 = 276,
};

struct FramedDatagram {
  Endpoint from;
  Endpoint to;
  std::uint8_t hop_limit = 0;
  Octets octets;
};

// The error says which ones there are.
[[nodiscard]] Result<LinkType> link_type_from(std::uint32_t number);

[[nodiscard]] Expected<std::optional<FramedDatagram>, const char*> datagram_in(LinkType type,
                                                                               Octets frame);

}  // namespace timecast
