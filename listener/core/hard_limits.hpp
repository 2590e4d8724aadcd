// SPDX-License-Identifier: MIT
//
// What no delay can change, however asymmetric: nothing arrives before it was sent. That limits the
// offset; and by what the limits were at two times, the rate, by which they drift apart until the
// next exchange. Whoever delays packets ever longer leads a filter's rate astray, but not this one;
// and whoever drops all exchanges gains what an oscillator's rate may change by, and no more.
//
// Units:   doubles, nanoseconds and ppb; of the announcer's clock minus ours.
// Errors:  none.
// Builds:  freestanding.
#pragma once

#include <timecast/time/small.hpp>
#include <timecast/time/timestamp.hpp>

namespace timecast {

struct Limits {
  double low = 0;
  double high = 0;

  [[nodiscard]] TIMECAST_SHARED_WHEN_SMALL double width() const noexcept { return high - low; }
};

class HardLimits {
 public:
  // By temperature a rate changes by half a ppm in an hour, and no wander tells: ppb a second.
  static constexpr double kTrend = 0.15;

  // How far the rate may go in the root of a second. REQUIRED before all else, and then that:
  void expect_wander(double wander) noexcept;
  void forget_rate() noexcept { rate_ = kCrystals; }
  // Anew. The rate is what it was.
  void begin(const Limits& offset, Timestamp<Raw> when) noexcept;
  // Where the offset may be after so many seconds, by the rate that is believed and by all that the
  // limits leave open.
  [[nodiscard]] Limits drift_in(double span, double believed) const noexcept;
  void drift(const Limits& by) noexcept;
  // So many seconds have passed.
  void age(double span) noexcept;
  // An announcement says so: at least, but never more than what exchanges said at most.
  void raise(double low) noexcept;
  // An exchange says so. If that contradicts what they are, it is a clock that has jumped, or a
  // rate that was not what it was taken for, and they begin anew.
  void narrow(const Limits& said, Timestamp<Raw> when) noexcept;

  [[nodiscard]] const Limits& offset() const noexcept { return offset_; }
  // The least and the most that it may be now.
  [[nodiscard]] const Limits& rate() const noexcept { return rate_; }
  // Whether they drift so far in so many seconds that it is worth asking: by as much as exchanges
  // have left open, and some microseconds.
  [[nodiscard]] bool drift_far_in(double seconds) const noexcept;

 private:
  static constexpr Limits kCrystals{-100'000, 100'000};  // no two are further apart

  void widen_rate(double by) noexcept;
  void limit_rate(Timestamp<Raw> when) noexcept;

  Limits offset_;
  Limits before_;  // what they were at `since_`
  Limits rate_;
  double growth_ = 0;  // of the limits of the rate, each second
  Timestamp<Raw> since_;
};

}  // namespace timecast
