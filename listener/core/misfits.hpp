// SPDX-License-Identifier: MIT
//
// Announcements that do not fit what is believed, in a row or not, against those that do: whether
// the noise has become another.
//
// Units:   doubles, nanoseconds.
// Errors:  none.
// Builds:  freestanding.
#pragma once

#include <cstdint>

namespace timecast {

class Misfits {
 public:
  // One that is so far off: positive if late.
  void count(double residual, bool fits) noexcept;

  // How many more did not fit than did, since that was last none.
  [[nodiscard]] std::uint32_t excess() const noexcept { return excess_; }
  // Some were too early and some too late: that is neither a jump nor a longer way.
  [[nodiscard]] bool both_ways() const noexcept;
  // REQUIRES: excess() > 0 or both_ways(). How far off those that do not fit are.
  [[nodiscard]] double mean() const noexcept { return sum_ / (early_ + late_); }
  // REQUIRES: excess() > 0. The least that any was off since that was 0.
  [[nodiscard]] double least() const noexcept { return least_; }

 private:
  // Those that fit make both less.
  double early_ = 0;
  double late_ = 0;
  double sum_ = 0;
  double least_ = 0;
  std::uint32_t excess_ = 0;
};

}  // namespace timecast
