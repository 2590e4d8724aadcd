// SPDX-License-Identifier: MIT
//
// What a page's values say at one instant: pure arithmetic in integers.
//
// Units:   nanoseconds.
// Errors:  as timecast_now().
#pragma once

#include <cstdint>

#include <timecast/now.h>

#include "listener/now/page.hpp"

namespace timecast {

// The daemon writes every second; after so long without, it has ended or hangs.
inline constexpr std::int64_t kPagePatience = 3'000'000'000;

struct PageClocks {
  std::int64_t raw_ns;   // CLOCK_MONOTONIC_RAW
  std::int64_t boot_ns;  // CLOCK_BOOTTIME, at the same instant
};

inline timecast_time nothing_read() noexcept {
  timecast_time out{};
  out.state = TIMECAST_SEARCHING;
  out.reason = TIMECAST_NO_PAGE;
  out.leap = TIMECAST_LEAP_UNSYNCHRONISED;
  return out;
}

// Fills `out` but for its size. REQUIRES: the clocks were read after the values.
[[nodiscard]] int judge_page(const PageValues& values, const PageClocks& now,
                             timecast_time& out) noexcept;

}  // namespace timecast
