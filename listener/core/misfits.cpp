// SPDX-License-Identifier: MIT
#include "listener/core/misfits.hpp"

#include <algorithm>
#include <cmath>

#include "listener/core/bounds.hpp"

namespace timecast {
namespace {

// So many that are early and as many that are late are no accident. One that fits makes up for such
// a part of one of them.
constexpr double kBothWays = 4;
constexpr double kFitCounts = 0.25;
// However rare announcements are, one stands for no more: a quarter of a minute.
constexpr std::uint32_t kMostTicks = 112;

}  // namespace

void Misfits::count(double residual, bool fits, Duration since) noexcept {
  const double off = std::abs(residual);
  const auto passed = static_cast<std::uint32_t>(longer(since, Duration{}).count_ns() >> kTickBits);
  const std::uint32_t ticks = 1 + std::min(passed, kMostTicks - 1);
  before_ = excess_;
  if (excess_ > 0) least_ = smaller(least_, off);
  if (!fits) {
    if (excess_ == 0) least_ = off;
    excess_ += ticks;
    ++(residual < 0 ? early_ : late_);
    sum_ += off;
    return;
  }
  excess_ -= std::min(excess_, ticks);
  const double all = early_ + late_;
  if (all == 0) return;
  const double kept = all > kFitCounts ? 1 - kFitCounts / all : 0;
  early_ *= kept;
  late_ *= kept;
  sum_ *= kept;
  if (kept == 0) excess_ = 0;  // none of them is remembered
}

bool Misfits::both_ways() const noexcept { return smaller(early_, late_) >= kBothWays; }

}  // namespace timecast
