// SPDX-License-Identifier: MIT
#include "announcer/core/stream.hpp"

#include <algorithm>

namespace timecast {
namespace {

constexpr Duration kMaxJitter = Duration::milliseconds(10);
constexpr std::int64_t kPlainStretchPercent = 6;

}  // namespace

Timestamp<Boot> next_on_grid(Timestamp<Boot> now, Duration interval, Duration phase,
                             const Entropy& entropy) noexcept {
  const Duration jitter = std::min(kMaxJitter, interval / 100);
  const Duration earliest = now.since_epoch() + interval / 2 + jitter;
  // Not negative even right after boot: division rounds towards zero.
  const Duration since_grid_began = earliest + interval - phase;
  const std::int64_t k = since_grid_began.count_ns() / interval.count_ns();
  return Timestamp<Boot>{phase + interval * k} + entropy.between(-jitter, jitter);
}

Timestamp<Boot> next_plain(Timestamp<Boot> now, const Entropy& entropy) noexcept {
  return now + kPlainSpacing +
         entropy.between(Duration{}, kPlainSpacing * kPlainStretchPercent / 100);
}

}  // namespace timecast
