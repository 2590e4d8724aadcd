// SPDX-License-Identifier: MIT
//
// How long it takes from reading the clock to the packet leaving: the median of recent cases, to
// be written ahead into packets that cannot be corrected afterwards.
//
// Builds:  freestanding.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>

#include <timecast/time/duration.hpp>

namespace timecast {

class Lateness {
 public:
  void add(Duration seen) noexcept {
    if (seen < Duration{} || seen > kMaxBelievable) return;  // a step or a stall, not lateness
    recent_[next_] = seen;
    next_ = (next_ + 1) % kWindow;
    count_ = std::min(count_ + 1, kWindow);
    auto sorted = recent_;
    std::sort(sorted.begin(), sorted.begin() + static_cast<std::ptrdiff_t>(count_));
    median_ = sorted[count_ / 2];
  }
  // Zero until something was seen.
  [[nodiscard]] Duration median() const noexcept { return median_; }

 private:
  static constexpr std::size_t kWindow = 15;
  static constexpr Duration kMaxBelievable = Duration::milliseconds(20);
  std::array<Duration, kWindow> recent_{};
  std::size_t next_ = 0;
  std::size_t count_ = 0;
  Duration median_;  // much more is sent than is seen
};

}  // namespace timecast
