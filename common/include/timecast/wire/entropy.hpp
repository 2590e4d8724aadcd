// SPDX-License-Identifier: MIT
//
// Unpredictable octets for the cores: nonces, chain numbers, random spacing. The host's must come
// from a cryptographic generator; the simulator's from its seed.
//
// Builds:  freestanding.
#pragma once

#include <array>
#include <cstdint>

#include <timecast/time/duration.hpp>
#include <timecast/wire/octets.hpp>

namespace timecast {

struct Entropy {
  void (*fill)(void* context, MutableOctets out) noexcept = nullptr;  // REQUIRED
  void* context = nullptr;

  void operator()(MutableOctets out) const noexcept { fill(context, out); }

  [[nodiscard]] std::uint64_t word() const noexcept {
    std::array<std::uint8_t, 8> octets{};
    fill(context, octets);
    return read_big_endian<std::uint64_t>(octets, 0);
  }

  // Uniform in [low, high); `low` if there is nothing in between.
  [[nodiscard]] Duration between(Duration low, Duration high) const noexcept {
    if (high <= low) return low;
    const auto range = static_cast<std::uint64_t>((high - low).count_ns());
    return low + Duration::nanoseconds(static_cast<std::int64_t>(word() % range));
  }
};

}  // namespace timecast
