// SPDX-License-Identifier: MIT
//
// What no delay can change, however asymmetric: nothing arrives before it was sent. That limits the
// offset; and by what the limits were at two times, the rate, by which they drift apart until the
// next exchange. Whoever delays packets ever longer leads a filter's rate astray, but not this one.
//
// Units:   doubles, nanoseconds and ppb; of the announcer's clock minus ours.
// Errors:  none.
// Builds:  freestanding.
#pragma once

#include <timecast/time/timestamp.hpp>

namespace timecast {

struct Limits {
  double low = 0;
  double high = 0;
};

class HardLimits {
 public:
  // Anew; the rate is what it was.
  void begin(const Limits& offset, Timestamp<Raw> when) noexcept;
  void forget_rate() noexcept { knows_rate_ = false; }
  void drift(const Limits& by) noexcept;
  // An announcement says so: at least, but never more than what exchanges said at most.
  void raise(double low) noexcept;
  // An exchange says so. If that contradicts what they are, it is a clock that has jumped, and they
  // begin anew.
  void narrow(const Limits& said, Timestamp<Raw> when) noexcept;

  [[nodiscard]] const Limits& offset() const noexcept { return offset_; }
  [[nodiscard]] bool knows_rate() const noexcept { return knows_rate_; }
  // REQUIRES: knows_rate(). The least and the most that it was, on the mean of some time: of up to
  // kSpan seconds while exchanges come, and as far back as the last ones when they no longer do.
  static constexpr double kSpan = 3'072;
  [[nodiscard]] const Limits& rate() const noexcept { return rate_; }

 private:
  void limit_rate(Timestamp<Raw> when) noexcept;

  Limits offset_;
  Limits before_;  // what they were at `since_`
  Limits rate_;
  Timestamp<Raw> since_;
  bool knows_rate_ = false;
};

}  // namespace timecast
