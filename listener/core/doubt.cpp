// SPDX-License-Identifier: MIT
#include "listener/core/doubt.hpp"

#include <cmath>

#include "listener/core/bounds.hpp"

namespace timecast {
namespace {

// Late is what is later than early ones would be early, and by more than so many usual excesses.
constexpr double kTooLate = 10;
// Of a bell: it has no tail that is longer than it seems, to either side.
constexpr double kBeyondBell = 4.5;
// How long a row must be: of early ones, which nothing delays, short; of late ones, which queues
// make, longer; of ones that only rise, which chance makes as well, longer still.
constexpr std::uint32_t kEarlyRow = 3;
constexpr std::uint32_t kSeriousRow = 3;
constexpr std::uint32_t kRisingRow = 10;
constexpr std::uint32_t kUnansweredRow = 16;
// So many answers that are held up are chance.
constexpr std::uint8_t kMostOverlooked = 2;
// So many deviations of a stamp decide, though it is that far off.
constexpr double kFar = 4;
// The last of steps is as large as their mean, that of a rate up to twice that.
constexpr double kGrown = 1.25;
// Within so many usual excesses late ones are alike.
constexpr double kAlike = 3;

}  // namespace

bool Doubt::fits(const Innovation& seen, const DelayNoise& noise, Timestamp<Raw> when) noexcept {
  const double most = noise.edge() > noise.late() ? kBeyondBell : kTooEarly;
  const bool far = square(seen.residual) > square(most) * noise.variance(seen.variance);
  const bool early = seen.residual < 0;
  if (!far || (!early && seen.residual <= kTooLate * noise.late())) {
    forget();
    return true;
  }
  if (row_ == 0 || early_ != early) {
    forget();
    early_ = early;
    since_ = when;
    least_ = last_ = seen.residual;
  }
  least_ = smaller(least_, seen.residual);
  sum_ += seen.residual;
  ++row_;
  rising_ = seen.residual < last_ ? 0 : rising_ + 1;
  last_ = seen.residual;
  // The late ones of a busy minute are spread out, those of a longer way are not, and those of
  // another rate are each later than the one before.
  const bool alike = early || mean() - least_ < kAlike * noise.spread() || rising_ >= kRisingRow;
  serious_ = (alike || rising_ == row_) && row_ >= (early ? 1 : kSeriousRow);
  asks_ = alike && row_ >= (early ? kEarlyRow : kLateRow);
  pending_ = pending_ || asks_;
  return false;
}

bool Doubt::overlooks_answer() noexcept {
  answered_ = row_;
  return ++overlooked_ <= kMostOverlooked;
}

double Doubt::mean() const noexcept { return sum_ / row_; }

bool Doubt::drifts() const noexcept {
  return row_ > 1 && std::abs(last_) > kGrown * std::abs(mean());
}

void Doubt::forget() noexcept { *this = Doubt{}; }

bool Doubt::is_far(double deviation) const noexcept {
  return pending_ && std::abs(last_) > kFar * deviation;
}

bool Doubt::is_unanswered(bool alone) const noexcept {
  return pending_ && (row_ - answered_ >= kUnansweredRow || (alone && early_));
}

double Doubt::contradiction(const DelayNoise& noise) const noexcept {
  return serious_ ? std::abs(last_) + kAlike * noise.spread() : 0.0;
}

}  // namespace timecast
