// SPDX-License-Identifier: MIT
//
// Big-endian integers in octet strings.
//
// Errors:  none; REQUIRES that the octets are there. Decoders check lengths once, at their border.
// Builds:  freestanding, constexpr.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>

namespace timecast {

using Octets = std::span<const std::uint8_t>;
using MutableOctets = std::span<std::uint8_t>;

namespace detail {
// One instruction where a loop over octets is a dozen.
template <class Integer>
Integer reversed(Integer value) noexcept {
  if constexpr (sizeof value == 1) return value;
  if constexpr (sizeof value == 2)
    return static_cast<Integer>(__builtin_bswap16(static_cast<std::uint16_t>(value)));
  if constexpr (sizeof value == 4)
    return static_cast<Integer>(__builtin_bswap32(static_cast<std::uint32_t>(value)));
  if constexpr (sizeof value == 8)
    return static_cast<Integer>(__builtin_bswap64(static_cast<std::uint64_t>(value)));
}
constexpr bool kIsLittleEndian = std::endian::native == std::endian::little;
}  // namespace detail

template <class Integer>
constexpr Integer read_big_endian(Octets from, std::size_t offset) noexcept {
  if (detail::kIsLittleEndian && !std::is_constant_evaluated()) {
    Integer value;
    __builtin_memcpy(&value, from.data() + offset, sizeof value);
    return detail::reversed(value);
  }
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < sizeof(Integer); ++i) value = (value << 8U) | from[offset + i];
  return static_cast<Integer>(value);
}

template <class Integer>
constexpr void write_big_endian(MutableOctets to, std::size_t offset, Integer value) noexcept {
  if (detail::kIsLittleEndian && !std::is_constant_evaluated()) {
    const Integer reversed = detail::reversed(value);
    __builtin_memcpy(to.data() + offset, &reversed, sizeof reversed);
    return;
  }
  const auto bits = static_cast<std::uint64_t>(value);
  for (std::size_t i = 0; i < sizeof(Integer); ++i) {
    to[offset + i] = static_cast<std::uint8_t>(bits >> (8U * (sizeof(Integer) - 1 - i)));
  }
}

constexpr void copy_octets(Octets from, MutableOctets to) noexcept {
  std::copy(from.begin(), from.end(), to.begin());
}

constexpr bool equal_octets(Octets a, Octets b) noexcept {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i] != b[i]) return false;
  }
  return true;
}

constexpr bool all_zero(Octets octets) noexcept {
  for (const std::uint8_t octet : octets) {
    if (octet != 0) return false;
  }
  return true;
}

}  // namespace timecast
