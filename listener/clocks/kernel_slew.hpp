// SPDX-License-Identifier: MIT
//
// A phase correction that ends by itself, whatever becomes of this process.
//
// The kernel makes whole microseconds good (ADJ_OFFSET_SINGLESHOT): what it was told during one
// second of CLOCK_REALTIME, it applies evenly during the next, 500 us at most. So a correction that
// is replaced has partly begun, and what of it still comes must be taken off the new one. The rest,
// half a microsecond at most, or a correction that is as small, goes into the rate until the next.
//
// The kernel's second begins with a tick, some milliseconds after the clock's: what it is told
// until then may belong to either, so nothing is told then.
//
// Units:   corrections are positive forward.
// Threads: one.
// Source:  adjtimex(2); Linux kernel/time/ntp.c, second_overflow().
#pragma once

#include <cstdint>

#include <timecast/time/frequency.hpp>
#include <timecast/time/timestamp.hpp>

namespace timecast {

class KernelSlew {
 public:
  static constexpr std::int64_t kMostInASecondUs = 500;  // MAX_TICKADJ
  // Two ticks of the slowest kernels.
  static constexpr Duration kUnclear = Duration::milliseconds(20);

  // How long it takes from `when` until corrections can be told.
  [[nodiscard]] static Duration unclear_for(Timestamp<Realtime> when) noexcept;

  struct Plan {
    std::int64_t whole_us = 0;  // for ADJ_OFFSET_SINGLESHOT
    FrequencyPpb by_rate;       // on top of the frequency, for about a second; at most 1 ppm
  };
  // To move by `amount` from now on, all that still comes of earlier ones included, and no faster
  // than in `over`. What takes longer than a second is planned anew every second.
  // REQUIRES: over > 0.
  [[nodiscard]] Plan plan(Duration amount, Duration over, Timestamp<Realtime> now) noexcept;
  // The kernel took that much at `now`.
  void accepted(std::int64_t whole_us, Timestamp<Realtime> now) noexcept;
  // The clock was stepped, which ends them all.
  void forget() noexcept { *this = KernelSlew{}; }

 private:
  struct Part {
    std::int64_t whole_us = 0;
    std::int64_t second = 0;  // of CLOCK_REALTIME: when it was told, or in which it is applied
  };
  void let_time_pass(Timestamp<Realtime> now) noexcept;

  Part told_;
  Part applied_;
};

}  // namespace timecast
