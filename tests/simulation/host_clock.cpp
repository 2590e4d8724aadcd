// SPDX-License-Identifier: MIT
#include "tests/simulation/host_clock.hpp"

#include <algorithm>
#include <cmath>

namespace timecast::sim {
namespace {

// So that nothing begins at zero on the monotonic clocks.
constexpr Duration kUptime = Duration::seconds(5'000);
constexpr std::int64_t kSecondNs = 1'000'000'000;
constexpr double kTurn = 6.283185307179586;

double ns(Duration d) { return static_cast<double>(d.count_ns()); }
Duration nearest(double value_ns) { return Duration::nanoseconds(std::llround(value_ns)); }

// What a sine of the rate has added up to, in units of its amplitude.
double warmth_ns(double t_ns, double period_ns) {
  return period_ns / kTurn * (1 - std::cos(kTurn * t_ns / period_ns));
}

}  // namespace

const HostClock::Second& HostClock::second_of(TrueTime t) const {
  const auto wanted = static_cast<std::size_t>(std::max(t.count_ns(), std::int64_t{0}) / kSecondNs);
  const double period = ns(model_.temperature_period);
  while (seconds_.size() <= wanted) {
    const double began = static_cast<double>(seconds_.size()) * kSecondNs;
    double error = 0;
    if (!seconds_.empty()) {
      error = seconds_.back().error_ns + seconds_.back().rate * kSecondNs;
      if (model_.wander > 0) walk_ += model_.wander * random_.normal();
    }
    double rate = model_.rate_ppm * 1e-6 + walk_;
    if (model_.temperature_ppm != 0) {
      const double warmed = warmth_ns(began + kSecondNs, period) - warmth_ns(began, period);
      rate += model_.temperature_ppm * 1e-6 * warmed / kSecondNs;
    }
    seconds_.push_back({error, rate});
  }
  return seconds_[wanted];
}

double HostClock::oscillator_error_ns(TrueTime t) const {
  const Second& second = second_of(t);
  const double error =
      second.error_ns + second.rate * static_cast<double>(t.count_ns() % kSecondNs);
  return model_.wobble ? error + ns(model_.wobble(t)) : error;
}

double HostClock::since_freeze_ns(TrueTime t) const {
  return ns(t - frozen_) + oscillator_error_ns(t) - oscillator_error_ns(frozen_);
}

double HostClock::correction_ns(TrueTime t) const {
  if (frequency_ == 0 && slew_ns_ == 0) return frozen_ns_;
  const double since = since_freeze_ns(t);
  const double slewed = since < slew_over_ns_ ? slew_ns_ * since / slew_over_ns_ : slew_ns_;
  return frozen_ns_ + frequency_ * since + slewed;
}

Moment HostClock::at(TrueTime t) const {
  const double oscillator = oscillator_error_ns(t);
  const Duration elapsed = t + nearest(oscillator);
  const Duration real = t + nearest(oscillator + correction_ns(t));
  return {Timestamp<Realtime>{kEpoch + model_.offset + stepped_ + real},
          Timestamp<Raw>{kUptime + elapsed}, Timestamp<Boot>{kUptime + elapsed}};
}

double HostClock::error_ns(TrueTime t) const {
  return ns(model_.offset + stepped_) + oscillator_error_ns(t) + correction_ns(t);
}

double HostClock::rate(TrueTime t) const {
  const double slew = since_freeze_ns(t) < slew_over_ns_ ? slew_ns_ / slew_over_ns_ : 0;
  return (1 + oscillator_rate(t)) * (1 + frequency_ + slew) - 1;
}

void HostClock::freeze(TrueTime t) {
  const double since = since_freeze_ns(t);
  const double corrected = correction_ns(t);
  const double left = slew_over_ns_ - since;
  slew_ns_ = left > 0 ? slew_ns_ * left / slew_over_ns_ : 0;
  slew_over_ns_ = std::max(left, 0.0);
  frozen_ns_ = corrected;
  frozen_ = t;
}

void HostClock::step(Duration by, TrueTime t) {
  slew(Duration{}, Duration{}, t);
  stepped_ += by;
}

void HostClock::set_frequency(FrequencyPpb frequency, TrueTime t) {
  freeze(t);
  frequency_ = frequency.to_ratio();
}

void HostClock::slew(Duration amount, Duration over, TrueTime t) {
  freeze(t);
  slew_ns_ = ns(amount);
  slew_over_ns_ = ns(over);
}

}  // namespace timecast::sim
