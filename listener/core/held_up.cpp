// SPDX-License-Identifier: MIT
#include "listener/core/held_up.hpp"

#include <cmath>

#include "listener/core/bounds.hpp"

namespace timecast {
namespace {

// A prompt one makes up for so many.
constexpr double kPromptCounts = 2;
// The least of hosts that had to be woken is not that of the network that came after: each one that
// was held up makes the memory of it so much less binding.
constexpr double kFades = 1.25;

}  // namespace

void HeldUp::count(double there, double back) noexcept {
  const double one_way = (there + back) / 2;
  least_ = count_ == 0 ? one_way : smaller(least_ * kFades, one_way);
  ++count_;
  there_ += there;
  back_ += back;
}

void HeldUp::count_prompt(double longer) noexcept {
  least_ = smaller(least_, std::abs(longer) / 2);
  const double kept = count_ > kPromptCounts ? 1 - kPromptCounts / count_ : 0;
  count_ *= kept;
  there_ *= kept;
  back_ *= kept;
}

}  // namespace timecast
