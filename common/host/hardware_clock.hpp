// SPDX-License-Identifier: MIT
//
// Where the clock of a network card (PHC) stands against CLOCK_REALTIME, so that a raw hardware
// stamp becomes one of this host's time.
//
// It believes three readings that agree: two give the rate, the third shows that neither clock was
// set in between. One that does not fit, and it begins anew.
//
// Errors:  none; what cannot be said for certain is not said.
// Threads: one.
// Source:  ptp_clock.h, PTP_SYS_OFFSET_EXTENDED and PTP_SYS_OFFSET_PRECISE.
#pragma once

#include <optional>
#include <span>

#include <timecast/time/timestamp.hpp>

namespace timecast {

struct Hardware {};  // the clock of a network card; any epoch, and steered by whom it pleases

// The card's clock, read between two readings of the system's.
struct ClockSandwich {
  Timestamp<Realtime> before;
  Timestamp<Hardware> hardware;
  Timestamp<Realtime> after;
};

// CLOCK_REALTIME minus CLOCK_BOOTTIME: only setting the system's clock moves it.
[[nodiscard]] inline Duration realtime_gap(const Moment& now) noexcept {
  return offset_between(now.realtime, now.boot);
}

class HardwareClock {
 public:
  static constexpr Duration kReadEvery = Duration::seconds(1);
  // From the last reading to a stamp: a reading may fail once.
  static constexpr Duration kFarthest = Duration::milliseconds(2'500);
  // A wider sandwich was interrupted, and says too little.
  static constexpr Duration kWidest = Duration::microseconds(50);
  // Of the third reading from where the first two put it; what one clock was set by, or a rate that
  // changes too fast to be followed.
  static constexpr Duration kMostDeviation = Duration::microseconds(10);

  enum class Reading {
    kept,   // fits, or is one of the first
    unfit,  // no sandwich was narrow; the earlier ones hold
    set     // does not fit those before: a clock was set
  };
  // `gap` is realtime_gap() of the same moment.
  Reading read(std::span<const ClockSandwich> sandwiches, Duration gap) noexcept;
  // Nothing is known any more: the clock cannot be read.
  void forget() noexcept { *this = HardwareClock{}; }

  struct Instant {
    Timestamp<Realtime> at;
    Duration uncertainty;  // either way
  };
  // `gap` is of now, of which the stamp is. Nothing if it cannot be said.
  [[nodiscard]] std::optional<Instant> convert(Timestamp<Hardware> stamp,
                                               Duration gap) const noexcept;
  [[nodiscard]] bool is_known() const noexcept { return agreed_ >= kAgreed; }

 private:
  static constexpr int kAgreed = 3;

  struct Point {
    Timestamp<Hardware> hardware;
    Timestamp<Realtime> system;
    Duration half_width;
  };
  [[nodiscard]] bool fits(const Point& point, Duration gap) const noexcept;
  [[nodiscard]] Timestamp<Realtime> system_at(Timestamp<Hardware> stamp) const noexcept;
  void begin_with(const Point& point, Duration gap) noexcept;

  Point last_;
  Duration gap_;
  double rate_ = 0;     // how much faster the system's clock goes, as a part of one
  Duration deviation_;  // of the last reading from where it was expected
  int agreed_ = 0;      // readings in a row
};

}  // namespace timecast
