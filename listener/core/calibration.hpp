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
  // An exchange that contradicts the earlier ones replaces them. `again`: it is the last one once
  // more, with better stamps. REQUIRES: estimator.count() > 0.
  void take(const Exchange& exchange, bool again, const Estimator& estimator) noexcept;

  [[nodiscard]] std::size_t count() const noexcept { return count_; }
  // Whether the delay is known well enough that asking more often would teach little.
  [[nodiscard]] bool settled() const noexcept;
  // REQUIRES: count() > 0.
  [[nodiscard]] BaseDelay base() const noexcept { return base_; }

 private:
  struct Residual {
    Duration forward;  // base delay of announcements plus the delay there
    Duration back;     // base delay of announcements less the delay back
    Duration error;    // of the line they are held against
  };
  static constexpr std::size_t kWindow = 12;

  // False if the exchanges contradict each other.
  [[nodiscard]] bool combine() noexcept;

  std::array<Residual, kWindow> residuals_{};
  std::size_t last_ = kWindow - 1;
  std::size_t count_ = 0;
  BaseDelay base_;
};

}  // namespace timecast
