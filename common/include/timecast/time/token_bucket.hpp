// SPDX-License-Identifier: MIT
//
// So many at once, and after that one in so long: a bucket of tokens as one instant.
//
// Builds:  freestanding; 8 octets.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

#include <timecast/time/timestamp.hpp>

namespace timecast {

struct Pace {
  Duration spacing;
  std::uint32_t burst = 1;
};

class TokenBucket {
 public:
  TokenBucket() noexcept = default;
  explicit TokenBucket(Timestamp<Boot> full_at) noexcept : full_at_{full_at} {}

  [[nodiscard]] bool take(Timestamp<Boot> now, const Pace& pace) noexcept {
    return take_in_advance(now, pace, 0).has_value();
  }
  // Also of those that are still to come, up to `waiting` of them: from when on it may be used.
  [[nodiscard]] std::optional<Timestamp<Boot>> take_in_advance(Timestamp<Boot> now,
                                                               const Pace& pace,
                                                               std::uint32_t waiting) noexcept {
    const Timestamp<Boot> full_after = std::max(full_at_, now) + pace.spacing;
    const Duration at_once = pace.spacing * pace.burst;
    if (full_after - now > at_once + pace.spacing * waiting) return std::nullopt;
    full_at_ = full_after;
    return std::max(full_after - at_once, now);
  }

 private:
  Timestamp<Boot> full_at_;
};

}  // namespace timecast
