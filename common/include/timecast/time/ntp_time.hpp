// SPDX-License-Identifier: MIT
//
// Time as it stands in an NTP packet: 64-bit stamps whose era is unnamed, 32-bit spans, and
// powers of two.
//
// Units:   named in each type.
// Errors:  none; spans saturate, stamps wrap (RFC 5905 section 6: only their differences mean
//          anything until an era is chosen by unfold()).
// Builds:  freestanding; no 128-bit arithmetic.
// Source:  RFC 5905 section 6, figures 3 and 4.
#pragma once

#include <compare>
#include <cstdint>

#include <timecast/time/duration.hpp>
#include <timecast/time/timestamp.hpp>

namespace timecast {

// Seconds from 1900-01-01 to 1970-01-01: 70 years with 17 leap days.
inline constexpr std::int64_t kNtpSecondsAtUnixEpoch = (70LL * 365 + 17) * 86'400;
static_assert(kNtpSecondsAtUnixEpoch == 2'208'988'800);

// Unit 2^-32 s, modulo 2^32 s (136 years). The all-zero value means "unknown".
class NtpTimestamp {
 public:
  constexpr NtpTimestamp() noexcept = default;
  explicit constexpr NtpTimestamp(std::uint64_t bits) noexcept : bits_{bits} {}

  [[nodiscard]] constexpr std::uint64_t bits() const noexcept { return bits_; }
  [[nodiscard]] constexpr bool is_unknown() const noexcept { return bits_ == 0; }
  friend constexpr bool operator==(NtpTimestamp, NtpTimestamp) noexcept = default;

 private:
  std::uint64_t bits_ = 0;
};

// The fraction is rounded down. The one instant of each era that would read as "unknown" is sent
// one unit (0.23 ns) late.
NtpTimestamp to_ntp(Timestamp<Announced> t) noexcept;

// The window rule: the instant in [pivot, pivot + 2^32 s) that has this wire form, where the pivot
// counts from the beginning of its second. It is a date that has certainly passed; a stamp from
// before it comes out 136 years late, so a sanity ceiling must follow.
Timestamp<Announced> unfold(NtpTimestamp stamp, Timestamp<Announced> pivot) noexcept;

// a - b, right whenever they are less than 68 years apart, in whatever eras.
Duration difference(NtpTimestamp a, NtpTimestamp b) noexcept;

// A span of 0 to 65535.99998 s, unit 2^-16 s (15.3 us).
class NtpShort {
 public:
  constexpr NtpShort() noexcept = default;
  explicit constexpr NtpShort(std::uint32_t bits) noexcept : bits_{bits} {}
  // Rounds up, because these spans are error bounds and a bound may only grow; saturates;
  // negative spans become zero.
  static NtpShort at_least(Duration span) noexcept;

  [[nodiscard]] constexpr std::uint32_t bits() const noexcept { return bits_; }
  [[nodiscard]] Duration to_duration() const noexcept;  // rounded up
  friend constexpr bool operator==(NtpShort, NtpShort) noexcept = default;

 private:
  std::uint32_t bits_ = 0;
};

// A power of two in seconds, as in the poll and precision fields.
class Log2Seconds {
 public:
  constexpr Log2Seconds() noexcept = default;
  explicit constexpr Log2Seconds(std::int8_t exponent) noexcept : exponent_{exponent} {}
  // The greatest power of two that is not longer than the span, from 2^-32 to 2^32 s.
  static Log2Seconds at_most(Duration span) noexcept;
  // The smallest power of two that is not shorter than the span, from 2^-32 to 2^32 s.
  static Log2Seconds not_below(Duration span) noexcept;

  [[nodiscard]] constexpr std::int8_t exponent() const noexcept { return exponent_; }
  // Exact from 2^-9 s up, rounded up below; exponents outside -32..32 count as the nearer limit.
  [[nodiscard]] Duration to_duration() const noexcept;
  friend constexpr bool operator==(Log2Seconds, Log2Seconds) noexcept = default;

 private:
  std::int8_t exponent_ = 0;
};

}  // namespace timecast
