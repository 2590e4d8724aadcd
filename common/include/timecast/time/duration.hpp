// SPDX-License-Identifier: MIT
//
// A signed span of time.
//
// Units:   nanoseconds in an int64; about +/-292 years.
// Errors:  none. Arithmetic saturates, so that a hostile timestamp cannot wrap a huge error into
//          a small one.
// Builds:  freestanding, constexpr; pass by value.
#pragma once

#include <bit>
#include <cstdint>
#include <limits>

#include <timecast/time/small.hpp>

namespace timecast {

class Duration {
 public:
  constexpr Duration() noexcept = default;
  static constexpr Duration nanoseconds(std::int64_t n) noexcept { return Duration{n}; }
  static constexpr Duration microseconds(std::int64_t n) noexcept { return Duration{n} * 1'000; }
  static constexpr Duration milliseconds(std::int64_t n) noexcept {
    return Duration{n} * 1'000'000;
  }
  static constexpr Duration seconds(std::int64_t n) noexcept {
    return Duration{n} * kNanosecondsPerSecond;
  }
  static constexpr Duration max() noexcept { return Duration{Limits::max()}; }
  static constexpr Duration min() noexcept { return Duration{Limits::min()}; }

  // The nearest nanosecond: 15e-9 is 15 ns, though their product lies a hair below. Saturates; not
  // a number gives zero.
  static constexpr Duration from_seconds(double seconds) noexcept {
    return Duration{nearest(seconds)};
  }

  [[nodiscard]] constexpr std::int64_t count_ns() const noexcept { return ns_; }
  // For differences only: a double holds an absolute time to no better than 0.2 us.
  [[nodiscard]] TIMECAST_INLINE_WHEN_SMALL constexpr double to_seconds() const noexcept {
    return to_seconds(ns_);
  }

  TIMECAST_INLINE_WHEN_SMALL friend constexpr Duration operator+(Duration a, Duration b) noexcept {
    return Duration{sum(a.ns_, b.ns_)};
  }
  TIMECAST_INLINE_WHEN_SMALL friend constexpr Duration operator-(Duration a, Duration b) noexcept {
    return Duration{difference(a.ns_, b.ns_)};
  }
  friend constexpr Duration operator-(Duration d) noexcept { return Duration{} - d; }
  friend constexpr Duration operator*(Duration d, std::int64_t factor) noexcept {
    return Duration{product(d.ns_, factor)};
  }
  // REQUIRES: divisor > 0.
  friend constexpr Duration operator/(Duration d, std::int64_t divisor) noexcept {
    return Duration{d.ns_ / divisor};
  }
  // For differences only, as to_seconds().
  TIMECAST_INLINE_WHEN_SMALL friend constexpr Duration stretched(Duration d,
                                                                 double factor) noexcept {
    return Duration{stretched(d.ns_, factor)};
  }
  friend constexpr Duration magnitude(Duration d) noexcept { return Duration{absolute(d.ns_)}; }
  // By value: for std::max() a 32-bit machine puts both into memory.
  friend constexpr Duration longer(Duration a, Duration b) noexcept {
    return Duration{larger(a.ns_, b.ns_)};
  }
  friend constexpr Duration shorter(Duration a, Duration b) noexcept { return b < a ? b : a; }
  constexpr Duration& operator+=(Duration d) noexcept { return *this = *this + d; }
  // One by one: a three-way comparison is four times the code on a 32-bit machine.
  friend constexpr bool operator==(Duration a, Duration b) noexcept = default;
  friend constexpr bool operator<(Duration a, Duration b) noexcept { return a.ns_ < b.ns_; }
  friend constexpr bool operator>(Duration a, Duration b) noexcept { return a.ns_ > b.ns_; }
  friend constexpr bool operator<=(Duration a, Duration b) noexcept { return a.ns_ <= b.ns_; }
  friend constexpr bool operator>=(Duration a, Duration b) noexcept { return a.ns_ >= b.ns_; }

 private:
  using Limits = std::numeric_limits<std::int64_t>;
  static constexpr std::int64_t kNanosecondsPerSecond = 1'000'000'000;

  // On integers and not on Durations, because small machines return those in registers.
  TIMECAST_SHARED_WHEN_SMALL static constexpr double to_seconds(std::int64_t ns) noexcept {
    return static_cast<double>(ns) * 1e-9;
  }
  TIMECAST_SHARED_WHEN_SMALL static constexpr std::int64_t stretched(std::int64_t ns,
                                                                     double factor) noexcept {
    return nearest(to_seconds(ns) * factor);
  }
  TIMECAST_SHARED_WHEN_SMALL static constexpr std::int64_t absolute(std::int64_t a) noexcept {
    return a < 0 ? difference(0, a) : a;
  }
  TIMECAST_SHARED_WHEN_SMALL static constexpr std::int64_t larger(std::int64_t a,
                                                                  std::int64_t b) noexcept {
    return a < b ? b : a;
  }
  TIMECAST_SHARED_WHEN_SMALL static constexpr std::int64_t sum(std::int64_t a,
                                                               std::int64_t b) noexcept {
    std::int64_t out = 0;
    if (!__builtin_add_overflow(a, b, &out)) return out;
    return b < 0 ? Limits::min() : Limits::max();
  }
  TIMECAST_SHARED_WHEN_SMALL static constexpr std::int64_t difference(std::int64_t a,
                                                                      std::int64_t b) noexcept {
    std::int64_t out = 0;
    if (!__builtin_sub_overflow(a, b, &out)) return out;
    return b > 0 ? Limits::min() : Limits::max();
  }
  TIMECAST_SHARED_WHEN_SMALL static constexpr std::int64_t product(std::int64_t a,
                                                                   std::int64_t b) noexcept {
    std::int64_t out = 0;
    if (!__builtin_mul_overflow(a, b, &out)) return out;
    return (a < 0) == (b < 0) ? Limits::max() : Limits::min();
  }

  // By its bits: where there is no hardware for doubles a cast is seven calls.
  TIMECAST_SHARED_WHEN_SMALL static constexpr std::int64_t nearest(double seconds) noexcept {
    constexpr std::uint64_t kOne = std::uint64_t{1} << 52U;  // above the fraction
    const auto bits = std::bit_cast<std::uint64_t>(seconds * 1e9);
    const int exponent = static_cast<int>(bits / kOne % 2'048) - 1'023;
    const std::uint64_t fraction = bits % kOne;
    const bool negative = bits >> 63U != 0;
    if (exponent < -1) return 0;
    if (exponent == 1'024 && fraction != 0) return 0;
    if (exponent >= 63) return negative ? Limits::min() : Limits::max();
    const std::uint64_t digits = kOne + fraction;
    const std::uint64_t size =
        exponent < 52 ? ((digits >> (51 - exponent)) + 1) / 2 : digits << (exponent - 52);
    return negative ? -static_cast<std::int64_t>(size) : static_cast<std::int64_t>(size);
  }

  explicit constexpr Duration(std::int64_t ns) noexcept : ns_{ns} {}
  std::int64_t ns_ = 0;
};

}  // namespace timecast
