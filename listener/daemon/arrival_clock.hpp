// SPDX-License-Identifier: MIT
//
// Says when a datagram arrived, on all clocks. The kernel stamps it with CLOCK_REALTIME alone; its
// age on that clock puts it on the others, unless the clock was set in between. So every wake-up
// holds CLOCK_REALTIME against CLOCK_MONOTONIC_RAW, and after a jump counts from the moment of
// reading instead.
//
// Threads: one.
#pragma once

#include <optional>

#include <timecast/time/timestamp.hpp>

namespace timecast {

class ArrivalClock {
 public:
  struct Instant {
    Moment at;
    Duration uncertainty;  // how much earlier it may truly have been
  };

  // At each wake-up, before its stamps are converted. Returns whether CLOCK_REALTIME was set since
  // the last one.
  bool on_wake_up(const Moment& now) noexcept;

  // REQUIRES: on_wake_up() has been called.
  [[nodiscard]] Instant instant_of(Timestamp<Realtime> stamp, bool is_kernel_stamp) const noexcept;

 private:
  std::optional<Moment> now_;
  Timestamp<Raw> trusted_since_;  // stamps from before it are of another timeline
};

}  // namespace timecast
