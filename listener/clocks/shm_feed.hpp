// SPDX-License-Identifier: MIT
//
// Samples in the shared memory that ntpd (driver 28), chronyd (refclock SHM) and gpsd's ntpshmmon
// read: `--clock ntp-shm:UNIT`. Units 0 and 1 are root's, the others anybody's.
//
// Errors:  the segment is not there and cannot be made, is another's, or too small.
// Threads: one.
// Source:  NTP reference implementation, refclock_shm.c (struct shmTime, mode 1).
#pragma once

#include <ctime>

#include "listener/clocks/feed.hpp"

namespace timecast {

// As it lies in the segment; of processes with the same width of time_t.
struct ShmTime {
  int mode;  // 1: `count` tells a reader that it read a mixture
  volatile int count;
  std::time_t clock_s;
  int clock_us;
  std::time_t receive_s;
  int receive_us;
  int leap;
  int precision;
  int samples;
  volatile int valid;
  unsigned clock_ns;
  unsigned receive_ns;
  int unused[8];
};

inline constexpr int kMostShmUnits = 256;

// REQUIRES: nobody else writes there.
void write_shm(const TimeSample& sample, ShmTime& segment) noexcept;

class ShmFeed final : public Feed {
 public:
  ShmFeed(int unit, bool trust_tentative, LogSink log);
  ~ShmFeed() override;

 private:
  Result<void> put(const TimeSample& sample) override;
  Result<void> attach();
  void detach() noexcept;
  [[nodiscard]] bool is_removed() const noexcept;

  int unit_;
  int id_ = -1;
  ShmTime* segment_ = nullptr;
};

}  // namespace timecast
