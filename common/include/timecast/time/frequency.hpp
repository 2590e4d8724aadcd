// SPDX-License-Identifier: MIT
//
// A clock's frequency error or correction.
//
// Units:   parts per billion; positive means "runs faster" or "make it run faster".
// Builds:  freestanding, constexpr; pass by value.
#pragma once

#include <compare>

#include <timecast/time/duration.hpp>

namespace timecast {

class FrequencyPpb {
 public:
  constexpr FrequencyPpb() noexcept = default;
  explicit constexpr FrequencyPpb(double ppb) noexcept : ppb_{ppb} {}
  static constexpr FrequencyPpb from_ratio(double ratio) noexcept {
    return FrequencyPpb{ratio * 1e9};
  }

  [[nodiscard]] constexpr double count_ppb() const noexcept { return ppb_; }
  [[nodiscard]] constexpr double to_ratio() const noexcept { return ppb_ * 1e-9; }

  // What an error of this size adds up to over a span.
  [[nodiscard]] TIMECAST_INLINE_WHEN_SMALL constexpr Duration over(Duration span) const noexcept {
    return stretched(span, to_ratio());
  }
  // REQUIRES: limit is not negative.
  [[nodiscard]] constexpr FrequencyPpb clamped(FrequencyPpb limit) const noexcept {
    if (ppb_ > limit.ppb_) return limit;
    return ppb_ < -limit.ppb_ ? FrequencyPpb{-limit.ppb_} : *this;
  }

  friend constexpr FrequencyPpb operator+(FrequencyPpb a, FrequencyPpb b) noexcept {
    return FrequencyPpb{a.ppb_ + b.ppb_};
  }
  friend constexpr FrequencyPpb operator-(FrequencyPpb a, FrequencyPpb b) noexcept {
    return FrequencyPpb{a.ppb_ - b.ppb_};
  }
  friend constexpr auto operator<=>(FrequencyPpb, FrequencyPpb) noexcept = default;

 private:
  double ppb_ = 0.0;
};

}  // namespace timecast
