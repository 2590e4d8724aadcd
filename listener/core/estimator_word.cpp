// SPDX-License-Identifier: MIT
//
// What an estimator says of what it believes.
#include <cmath>

#include "listener/core/bounds.hpp"
#include "listener/core/estimator.hpp"
#include "listener/core/gaussian_tail.hpp"

namespace timecast {
namespace {

// What the least of n delays is off by, in usual excesses over n: 99.9 %, and as much again because
// the noise is learnt from as few.
constexpr double kFew = 32;
// And the least of as many announcements: less, because the exchanges vouch for them.
constexpr double kFewHeard = 4;
// Of a rate that is told without error.
constexpr double kLeastVariance = 1e-30;
Duration from_ns(double value) noexcept { return Duration::from_seconds(value * 1e-9); }

}  // namespace

// Where a blunt edge lies depends on how one thinks of it; what is alike on both ways cancels. And
// the least of few delays is still one of them.
double Estimator::ambiguity() const noexcept {
  if (exchanges_ == 0) return 0;  // the assumption has its own uncertainty
  const double few = kFew * larger(unicast_[0].late, unicast_[1].late) / exchanges_ +
                     kFewHeard * noise_.spread() / total_;
  const double early = larger(-filter().mean(kBaseDelay), 0);  // nothing is: it is off by that
  return few + early +
         std::abs(noise_.edge(factor_of(Way::back)) - noise_.edge(factor_of(Way::there)));
}

double Estimator::outside() const noexcept {
  const double x = filter().mean(kClockOffset);
  const Limits& limits = limits_.offset();
  return larger(larger(limits.low - x, x - limits.high), 0.0);
}

double Estimator::refuted_by() const noexcept {
  if (!confirmed_) return 0;  // half of the limits is an assumption
  return outside() + within(limits_.offset().width(), outside());
}

// As long as there was no exchange it is as good as the assumed delay: no announcement narrows it.
Duration Estimator::hard_error(Timestamp<Raw> when) const noexcept {
  if (!confirmed_) return longer(delay(), Duration{});
  const double span = larger((when - newest_).to_seconds(), 0);
  const Limits drift = drift_in(span);
  const Limits& limits = limits_.offset();
  const double x = filter().mean(kClockOffset) + span * filter().mean(kClockRate);
  return from_ns(larger(larger(limits.high + drift.high - x, x - limits.low - drift.low), 0.0));
}

Duration Estimator::ahead_at(Timestamp<Raw> when) const noexcept {
  const double span = (when - newest_).to_seconds();
  return reference_ + from_ns(filter().mean(kClockOffset) + span * filter().mean(kClockRate));
}

Estimate Estimator::at(Timestamp<Raw> when) const noexcept {
  const Filter& f = filter();
  const double span = (when - newest_).to_seconds();
  // What was heard late is known best as of then: that makes nothing surer that is still to come.
  const double together = f.covariance(kClockOffset, kClockRate);
  const double variance =
      f.variance(kClockOffset) + 2 * span * (span > 0 ? larger(together, 0) : together) +
      square(span) * (f.variance(kClockRate) + square(wander_) * std::abs(span) * (1.0 / 3));
  const double sigma = root_of(larger(variance, 0.0));
  return {ahead_at(when), from_ns(sigma),
          from_ns(kTail * sigma + stamp_error_ns_ + doubt_.contradiction(noise_) + ambiguity() +
                  refuted_by())};
}

FrequencyPpb Estimator::frequency() const noexcept {
  return FrequencyPpb{within(filter().mean(kClockRate), kMostRate)};
}

FrequencyPpb Estimator::frequency_error() const noexcept {
  return FrequencyPpb{kTail * root_of(filter().variance(kClockRate))};
}

Duration Estimator::delay() const noexcept {
  return from_ns(filter().mean(kBaseDelay) + filter().mean(kDetourDelay));
}

Duration Estimator::unicast_delay() const noexcept { return from_ns(filter().mean(kBaseDelay)); }

Duration Estimator::memory() const noexcept {
  return Duration::from_seconds(root_of(filter().variance(kClockOffset) /
                                        larger(filter().variance(kClockRate), kLeastVariance)));
}

}  // namespace timecast
