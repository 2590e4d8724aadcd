// SPDX-License-Identifier: MIT
#include "listener/core/misfits.hpp"

#include <cmath>

#include "listener/core/bounds.hpp"

namespace timecast {
namespace {

// So many that are early and as many that are late are no accident. One that fits makes up for such
// a part of one of them.
constexpr double kBothWays = 4;
constexpr double kFitCounts = 0.25;

}  // namespace

void Misfits::count(double residual, bool fits) noexcept {
  const double off = std::abs(residual);
  if (excess_ > 0) least_ = smaller(least_, off);
  if (!fits) {
    if (excess_++ == 0) least_ = off;
    ++(residual < 0 ? early_ : late_);
    sum_ += off;
    return;
  }
  if (excess_ > 0) --excess_;
  const double all = early_ + late_;
  if (all == 0) return;
  const double kept = all > kFitCounts ? 1 - kFitCounts / all : 0;
  early_ *= kept;
  late_ *= kept;
  sum_ *= kept;
}

bool Misfits::both_ways() const noexcept { return smaller(early_, late_) >= kBothWays; }

}  // namespace timecast
