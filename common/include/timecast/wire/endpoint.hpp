// SPDX-License-Identifier: MIT
//
// Where a datagram came from or goes to. The cores compare endpoints; only the host turns them
// into socket addresses.
//
// Builds:  freestanding, constexpr.
#pragma once

#include <array>
#include <bit>
#include <compare>
#include <cstddef>
#include <cstdint>

#include <timecast/time/small.hpp>
#include <timecast/wire/octets.hpp>

namespace timecast {

enum class Family : std::uint8_t { none = 0, ipv4 = 4, ipv6 = 6 };

struct Address {
  Family family = Family::none;
  std::array<std::uint8_t, 16> octets{};  // IPv4 uses the first four; the rest are zero

  [[nodiscard]] constexpr bool is_loopback() const noexcept {
    if (family == Family::ipv4) return octets[0] == 127;
    return family == Family::ipv6 && octets[15] == 1 && all_zero(Octets{octets}.first(15));
  }
  [[nodiscard]] TIMECAST_SHARED_WHEN_SMALL constexpr bool is_multicast() const noexcept {
    if (family == Family::ipv4) return (octets[0] & 0xF0U) == 0xE0U;
    return family == Family::ipv6 && octets[0] == 0xFF;
  }
  // 0.0.0.0/8, 240.0.0.0/4 with the broadcast address, and :: are nobody's.
  [[nodiscard]] TIMECAST_SHARED_WHEN_SMALL constexpr bool is_unicast() const noexcept {
    if (family == Family::none || is_multicast()) return false;
    if (family == Family::ipv6) return !all_zero(octets);
    return octets[0] != 0 && octets[0] < 240;
  }

  static constexpr Address ipv4(std::uint8_t a, std::uint8_t b, std::uint8_t c,
                                std::uint8_t d) noexcept {
    return {Family::ipv4, {a, b, c, d}};
  }
  static constexpr Address ipv6_last_octet(std::uint8_t last) noexcept {
    Address address{Family::ipv6, {}};
    address.octets[15] = last;
    return address;
  }
  friend constexpr auto operator<=>(const Address&, const Address&) noexcept = default;
};

// How many bits of 128 are the same before the first that is not.
[[nodiscard]] constexpr int shared_bits(const Address& a, const Address& b) noexcept {
  const auto differ = [&](std::size_t octet) {
    return read_big_endian<std::uint64_t>(a.octets, octet) ^
           read_big_endian<std::uint64_t>(b.octets, octet);
  };
  const int first = std::countl_zero(differ(0));
  return first < 64 ? first : 64 + std::countl_zero(differ(8));
}

// Addresses that share their first `length` bits.
struct Prefix {
  Address address;
  std::uint8_t length = 0;  // at most 32 or 128

  [[nodiscard]] constexpr bool contains(const Address& other) const noexcept {
    return other.family == address.family && shared_bits(address, other) >= length;
  }
  friend constexpr bool operator==(const Prefix&, const Prefix&) noexcept = default;
};

struct Endpoint {
  Address address;
  std::uint16_t port = 0;
  std::uint32_t interface = 0;  // index of the interface it is reached through

  friend constexpr auto operator<=>(const Endpoint&, const Endpoint&) noexcept = default;
};

}  // namespace timecast
