// SPDX-License-Identifier: MIT
//
// Announcements that do not fit what is believed, in a row or not, against those that do: whether
// the noise has become another.
//
// Units:   doubles, nanoseconds; time in ticks.
// Errors:  none.
// Builds:  freestanding.
#pragma once

#include <cstdint>

#include <timecast/time/duration.hpp>

namespace timecast {

class Misfits {
 public:
  // 2^27 ns, about an eighth of a second. One that has begun counts, so that a minute is one for
  // the intervals of 2^n seconds, and two at most for any other from an eighth of a second on.
  static constexpr unsigned kTickBits = 27;
  static constexpr std::uint32_t kTicksPerMinute = 480;

  // One that is so far off (positive if late), so long after the one before.
  void count(double residual, bool fits, Duration since) noexcept;

  // For how much longer they have not fitted than fitted, since that was last no time, in ticks. A
  // pause counts little.
  [[nodiscard]] std::uint32_t excess() const noexcept { return excess_; }
  // The last one has made that so long, or longer.
  [[nodiscard]] bool reached(std::uint32_t ticks) const noexcept {
    return before_ < ticks && excess_ >= ticks;
  }
  // Some were too early and some too late: that is neither a jump nor a longer way.
  [[nodiscard]] bool both_ways() const noexcept;
  // How many do not fit, less a part of one for each that fits.
  [[nodiscard]] double count() const noexcept { return early_ + late_; }
  // REQUIRES: excess() > 0 or both_ways(). How far off those that do not fit are.
  [[nodiscard]] double mean() const noexcept { return sum_ / count(); }
  // REQUIRES: excess() > 0. The least that any was off since that was 0.
  [[nodiscard]] double least() const noexcept { return least_; }

 private:
  // Those that fit make both less.
  double early_ = 0;
  double late_ = 0;
  double sum_ = 0;
  double least_ = 0;
  std::uint32_t excess_ = 0;
  std::uint32_t before_ = 0;  // the last one
};

}  // namespace timecast
