// SPDX-License-Identifier: MIT
//
// A simulated host's clocks: an oscillator that is wrong and wanders, and CLOCK_REALTIME on top of
// it, which is steered as a kernel does.
//
// Within each second of true time the oscillator's rate is constant:
//
//     x' = y,   y(k + 1) = y(k) + wander * N,   and what temperature adds
//
// Units:   doubles are nanoseconds of difference only, good to 1e-6 ns after a day.
#pragma once

#include <functional>
#include <vector>

#include <timecast/time/frequency.hpp>
#include <timecast/time/timestamp.hpp>

#include "tests/simulation/random.hpp"

namespace timecast::sim {

// 2026-11-01T00:00:00Z, when every world begins.
inline constexpr Duration kEpoch = Duration::seconds(1'793'491'200);

struct ClockModel {
  Duration offset;                           // of CLOCK_REALTIME at the beginning
  double rate_ppm = 0;                       // of all its clocks
  std::function<Duration(TrueTime)> wobble;  // on top of the rate, for all clocks
  double wander = 0;                         // of the rate, a ratio per square root of a second
  double temperature_ppm = 0;                // amplitude of a sine
  Duration temperature_period = Duration::seconds(3'600);
};

class HostClock {
 public:
  HostClock(ClockModel model, std::uint64_t seed) : model_{std::move(model)}, random_{seed} {}

  [[nodiscard]] Moment at(TrueTime t) const;
  // CLOCK_REALTIME less the truth.
  [[nodiscard]] double error_ns(TrueTime t) const;
  // How fast CLOCK_REALTIME gains on the truth, slews included.
  [[nodiscard]] double rate(TrueTime t) const;
  // The same of the oscillator, which nobody steers.
  [[nodiscard]] double oscillator_error_ns(TrueTime t) const;
  [[nodiscard]] double oscillator_rate(TrueTime t) const { return second_of(t).rate; }

  // Whoever else sets CLOCK_REALTIME, as date(1) does. What is left of a slew goes on.
  void jump(Duration by) { stepped_ += by; }
  // A listener's effects, at `t`.
  void step(Duration by, TrueTime t);
  void set_frequency(FrequencyPpb frequency, TrueTime t);
  void slew(Duration amount, Duration over, TrueTime t);

 private:
  struct Second {
    double error_ns = 0;  // of the oscillator at its beginning
    double rate = 0;      // ratio
  };
  [[nodiscard]] const Second& second_of(TrueTime t) const;
  // By how much CLOCK_REALTIME was moved against the oscillator since the last freeze and before.
  [[nodiscard]] double correction_ns(TrueTime t) const;
  [[nodiscard]] double since_freeze_ns(TrueTime t) const;
  void freeze(TrueTime t);

  ClockModel model_;
  mutable Random random_;  // the path is made as far as it is asked for
  mutable std::vector<Second> seconds_;
  mutable double walk_ = 0;

  Duration stepped_;
  TrueTime frozen_;
  double frozen_ns_ = 0;
  double frequency_ = 0;  // ratio
  double slew_ns_ = 0;    // since the freeze, in all
  double slew_over_ns_ = 0;
};

}  // namespace timecast::sim
