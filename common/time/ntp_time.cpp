// SPDX-License-Identifier: MIT
#include <timecast/time/ntp_time.hpp>

#include <algorithm>

namespace timecast {
namespace {

constexpr std::int64_t kNanosecondsPerSecond = 1'000'000'000;

struct SecondsAndNanoseconds {
  std::int64_t seconds;
  std::uint32_t nanoseconds;  // 0..999'999'999
};

SecondsAndNanoseconds split(Duration d) noexcept {
  const std::int64_t total = d.count_ns();
  std::int64_t seconds = total / kNanosecondsPerSecond;
  std::int64_t rest = total % kNanosecondsPerSecond;
  if (rest < 0) {
    rest += kNanosecondsPerSecond;
    --seconds;
  }
  return {seconds, static_cast<std::uint32_t>(rest)};
}

// Seconds and a fraction of 2^32, rounded to the nearest nanosecond. REQUIRES: |seconds| <= 2^32.
Duration span(std::int64_t seconds, std::uint32_t fraction) noexcept {
  const std::uint64_t scaled =
      std::uint64_t{fraction} * std::uint64_t{1'000'000'000} + (std::uint64_t{1} << 31U);
  return Duration::nanoseconds(seconds * kNanosecondsPerSecond +
                               static_cast<std::int64_t>(scaled >> 32U));
}

constexpr std::int8_t kMaxExponent = 32;
constexpr int kTwosInASecond = 9;  // in its nanoseconds: 10^9 = 2^9 * 5^9
static_assert(kNanosecondsPerSecond % (1 << kTwosInASecond) == 0);
static_assert(kNanosecondsPerSecond % (1 << (kTwosInASecond + 1)) != 0);

// 2^exponent s in whole nanoseconds. REQUIRES: at most kMaxExponent in magnitude.
constexpr Duration rounded_down(int exponent) noexcept {
  return Duration::nanoseconds(exponent < 0 ? kNanosecondsPerSecond >> -exponent
                                            : kNanosecondsPerSecond << exponent);
}

}  // namespace

NtpTimestamp to_ntp(Timestamp<Announced> t) noexcept {
  const auto [seconds, nanoseconds] = split(t.since_epoch());
  const auto era_seconds = static_cast<std::uint32_t>(seconds + kNtpSecondsAtUnixEpoch);
  const std::uint64_t fraction =
      (std::uint64_t{nanoseconds} << 32U) / std::uint64_t{kNanosecondsPerSecond};
  const std::uint64_t bits = (std::uint64_t{era_seconds} << 32U) | fraction;
  return NtpTimestamp{bits == 0 ? 1 : bits};
}

Timestamp<Announced> unfold(NtpTimestamp stamp, Timestamp<Announced> pivot) noexcept {
  const auto [pivot_seconds, past] = split(pivot.since_epoch());
  const auto wire_seconds = static_cast<std::uint32_t>(stamp.bits() >> 32U);
  const auto wire_pivot = static_cast<std::uint32_t>(pivot_seconds + kNtpSecondsAtUnixEpoch);
  const std::uint32_t since_pivot = wire_seconds - wire_pivot;  // modulo 2^32 by intent
  const auto fraction = static_cast<std::uint32_t>(stamp.bits());
  return pivot - Duration::nanoseconds(past) + span(since_pivot, fraction);
}

Duration difference(NtpTimestamp a, NtpTimestamp b) noexcept {
  const std::uint64_t wrapped = a.bits() - b.bits();
  const auto seconds = static_cast<std::int32_t>(static_cast<std::uint32_t>(wrapped >> 32U));
  return span(seconds, static_cast<std::uint32_t>(wrapped));
}

NtpShort NtpShort::at_least(Duration span) noexcept {
  if (span <= Duration{}) return NtpShort{};
  const auto [seconds, nanoseconds] = split(span);
  if (seconds >= 65'536) return NtpShort{0xFFFF'FFFFU};
  constexpr std::uint64_t kPerSecond = kNanosecondsPerSecond;
  const std::uint64_t fraction =
      ((std::uint64_t{nanoseconds} << 16U) + kPerSecond - 1) / kPerSecond;
  const std::uint64_t bits = (static_cast<std::uint64_t>(seconds) << 16U) + fraction;
  return NtpShort{bits > 0xFFFF'FFFFU ? 0xFFFF'FFFFU : static_cast<std::uint32_t>(bits)};
}

Duration NtpShort::to_duration() const noexcept {
  const std::uint64_t scaled = std::uint64_t{bits_} * std::uint64_t{kNanosecondsPerSecond};
  return Duration::nanoseconds(static_cast<std::int64_t>((scaled + 0xFFFFU) >> 16U));
}

// Of whole nanoseconds, a power of two is not longer than those if it is not when rounded up, and
// not shorter if it is not when rounded down.
Log2Seconds Log2Seconds::at_most(Duration span) noexcept {
  std::int8_t exponent = kMaxExponent;
  while (exponent > -kMaxExponent && Log2Seconds{exponent}.to_duration() > span) --exponent;
  return Log2Seconds{exponent};
}

Log2Seconds Log2Seconds::not_below(Duration span) noexcept {
  std::int8_t exponent = -kMaxExponent;
  while (exponent < kMaxExponent && rounded_down(exponent) < span) ++exponent;
  return Log2Seconds{exponent};
}

Duration Log2Seconds::to_duration() const noexcept {
  const int exponent = std::clamp(exponent_, std::int8_t{-kMaxExponent}, kMaxExponent);
  const bool exact = exponent >= -kTwosInASecond;
  return rounded_down(exponent) + Duration::nanoseconds(exact ? 0 : 1);
}

}  // namespace timecast
