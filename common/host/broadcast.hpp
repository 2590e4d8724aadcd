// SPDX-License-Identifier: MIT
//
// IPv4 broadcast addresses.
//
// Builds:  hosted, constexpr.
#pragma once

#include <cstdint>
#include <optional>

#include <timecast/wire/endpoint.hpp>

namespace timecast {

// Everybody on the link (RFC 919).
inline constexpr Address kLimitedBroadcast = Address::ipv4(255, 255, 255, 255);

// The address with all host bits set; /31 and /32 have none (RFC 3021).
constexpr std::optional<Address> broadcast_of(const Prefix& prefix) noexcept {
  if (prefix.address.family != Family::ipv4 || prefix.length >= 31) return std::nullopt;
  Address broadcast = prefix.address;
  for (unsigned bit = prefix.length; bit < 32; ++bit) {
    broadcast.octets[bit / 8] |= static_cast<std::uint8_t>(0x80U >> (bit % 8));
  }
  return broadcast;
}

// A group, or what is the broadcast address of some network: that has two host bits or more, all
// of them set.
constexpr bool may_reach_many(const Address& address) noexcept {
  if (address.is_multicast()) return true;
  if (address.family != Family::ipv4 || address.octets[0] == 0) return false;
  return (address.octets[3] & 3U) == 3;
}

}  // namespace timecast
