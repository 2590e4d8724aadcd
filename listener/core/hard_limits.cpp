// SPDX-License-Identifier: MIT
#include "listener/core/hard_limits.hpp"

#include "listener/core/bounds.hpp"

namespace timecast {
namespace {

// Limits that are so many seconds apart say something of the rate, and all that they can: then
// newer ones take the place of the first.
constexpr double kShortest = 64;
constexpr double kEnough = 1'024;
constexpr double kLongest = 2'048;
static_assert(kEnough + kLongest == HardLimits::kSpan);

}  // namespace

void HardLimits::begin(const Limits& offset, Timestamp<Raw> when) noexcept {
  offset_ = before_ = offset;
  since_ = when;
}

void HardLimits::drift(const Limits& by) noexcept {
  offset_.low += by.low;
  offset_.high += by.high;
}

void HardLimits::raise(double low) noexcept {
  offset_.low = limited(low, offset_.low, offset_.high);
}

void HardLimits::narrow(const Limits& said, Timestamp<Raw> when) noexcept {
  const Limits both{larger(said.low, offset_.low), smaller(said.high, offset_.high)};
  if (both.low > both.high) return begin(said, when);
  offset_ = both;
  limit_rate(when);
}

void HardLimits::limit_rate(Timestamp<Raw> when) noexcept {
  const double span = (when - since_).to_seconds();
  if (span < kShortest) return;
  const double per = 1 / span;
  const Limits seen{(offset_.low - before_.high) * per, (offset_.high - before_.low) * per};
  const bool is_better = !knows_rate_ || seen.high - seen.low < rate_.high - rate_.low;
  if (is_better || span > kEnough) rate_ = seen;
  knows_rate_ = true;
  if (span > kLongest) begin(offset_, when);
}

}  // namespace timecast
