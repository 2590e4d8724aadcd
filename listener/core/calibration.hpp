// SPDX-License-Identifier: MIT
//
// Learns the base delay of announcements, which listening alone cannot know, from unicast
// exchanges: on each way the exchange that was delayed least, held against the estimator's line.
//
//     forward = server's receive - our transmit  = offset + delay there
//     back    = server's transmit - our receive  = offset - delay back
//
// Taking the least of each way by itself beats the least round trip: two lucky halves need not
// come together. What no exchange can see is asymmetry: at most half the round trip.
//
// A line that rises as better announcements come takes the recent exchanges along: they are held
// against the line of today until its window's middle, where it is known best, has passed them.
//
// Units:   all against CLOCK_MONOTONIC_RAW, as in the estimator.
// Errors:  none.
// Builds:  freestanding.
#pragma once

#include <array>
#include <cstddef>

#include <timecast/time/duration.hpp>
#include <timecast/time/timestamp.hpp>

#include "listener/core/estimator.hpp"

namespace timecast {

struct Exchange {
  Timestamp<Raw> sent;
  Duration forward;  // theirs minus ours, of the request
  Timestamp<Raw> received;
  Duration back;         // theirs minus ours, of the reply
  Duration uncertainty;  // of the stamps together
};

struct BaseDelay {
  Duration delay;
  Duration error;       // 99.9 %, without asymmetry
  Duration round_trip;  // the least, both ways by themselves
};

class Calibration {
 public:
  void restart() noexcept { *this = Calibration{}; }
  // All three are false if exchanges contradict each other: then nothing is known, and the line
  // itself is in doubt. REQUIRES: estimator.count() > 0.
  [[nodiscard]] bool add(const Exchange& exchange, const Estimator& estimator) noexcept;
  // The last exchange again, with better stamps.
  [[nodiscard]] bool amend(const Exchange& exchange, const Estimator& estimator) noexcept {
    if (count_ > 0) --count_;
    return add(exchange, estimator);
  }
  // The line has moved.
  [[nodiscard]] bool update(const Estimator& estimator) noexcept;
  // The line is about to be given up.
  void settle(const Estimator& estimator) noexcept {
    settle(estimator, Timestamp<Raw>{Duration::max()});
  }

  [[nodiscard]] std::size_t count() const noexcept { return count_; }
  // Whether the delay is known well enough that asking more often would teach little.
  [[nodiscard]] bool settled() const noexcept;
  // REQUIRES: count() > 0.
  [[nodiscard]] BaseDelay base() const noexcept { return base_; }

 private:
  struct Residual {
    Timestamp<Raw> at;  // kSettled: what follows is held against the line of then
    Duration forward;   // base delay of announcements plus the delay there
    Duration back;      // base delay of announcements less the delay back
    Duration error;     // of the stamps and of the line
  };
  static constexpr Timestamp<Raw> kSettled{Duration::min()};
  static constexpr std::size_t kWindow = 10;

  [[nodiscard]] static Residual against(const Estimator& estimator, const Residual& r) noexcept;
  void settle(const Estimator& estimator, Timestamp<Raw> before) noexcept;
  [[nodiscard]] bool combine(const Estimator& estimator) noexcept;

  std::array<Residual, kWindow> residuals_{};
  std::size_t count_ = 0;
  BaseDelay base_;
};

}  // namespace timecast
