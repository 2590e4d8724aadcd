// SPDX-License-Identifier: MIT
#include "listener/core/hard_limits.hpp"

#include <utility>

#include "listener/core/bounds.hpp"

namespace timecast {
namespace {

// A wander goes with the root of time, which lies below this line everywhere: no root is needed,
// and what was added in parts is the sum.
constexpr double kRootAtFirst = 8;
constexpr double kRootPerSecond = 1.0 / 32;
static_assert(4 * kRootAtFirst * kRootPerSecond >= 1);
// What the line begins with, in seconds of its growth.
constexpr double kAtFirst = kRootAtFirst / kRootPerSecond;
constexpr double kLittle = 10'000;  // ns: no network is worth a query for less

}  // namespace

void HardLimits::expect_wander(double wander) noexcept {
  const double before = std::exchange(growth_, kTrend + wander * kRootPerSecond);
  if (growth_ > before) widen_rate((growth_ - before) * kAtFirst);  // it has wandered so before
}

void HardLimits::begin(const Limits& offset, Timestamp<Raw> when) noexcept {
  offset_ = before_ = offset;
  since_ = when;
}

Limits HardLimits::drift_in(double span, double believed) const noexcept {
  const double more = growth_ * span / 2;  // on the mean
  return {smaller(believed, rate_.low - more) * span, larger(believed, rate_.high + more) * span};
}

void HardLimits::drift(const Limits& by) noexcept {
  offset_.low += by.low;
  offset_.high += by.high;
}

void HardLimits::age(double span) noexcept { widen_rate(growth_ * span); }

void HardLimits::widen_rate(double by) noexcept {
  rate_.low -= by;
  rate_.high += by;
}

bool HardLimits::drift_far_in(double seconds) const noexcept {
  const double wandered = 2 * kAtFirst * (growth_ - kTrend);  // no exchange makes it less
  return (rate_.width() - wandered) * seconds > before_.width() + kLittle;
}

void HardLimits::raise(double low) noexcept {
  offset_.low = limited(low, offset_.low, offset_.high);
}

void HardLimits::narrow(const Limits& said, Timestamp<Raw> when) noexcept {
  const Limits both{larger(said.low, offset_.low), smaller(said.high, offset_.high)};
  if (both.low > both.high) {
    forget_rate();
    return begin(said, when);
  }
  offset_ = both;
  limit_rate(when);
}

// What two limits say is of the mean of their span. A short one leaves every rate open.
void HardLimits::limit_rate(Timestamp<Raw> when) noexcept {
  const double span = (when - since_).to_seconds();
  const double per = 1 / span;
  const double walk = growth_ - kTrend;
  const double gone = walk * (kAtFirst + span / 3) + kTrend * span / 2;
  const Limits seen{(offset_.low - before_.high) * per - gone,
                    (offset_.high - before_.low) * per + gone};
  const bool is_refuted = seen.low > rate_.high || seen.high < rate_.low;
  if (is_refuted || seen.width() < rate_.width()) rate_ = seen;
  const bool is_old = 4 * gone > seen.width();  // most of it is what has gone on since
  const bool is_poor = before_.width() > 2 * offset_.width();
  if (is_old || is_poor) begin(offset_, when);
}

}  // namespace timecast
