// SPDX-License-Identifier: MIT
#include "listener/clocks/kernel_word.hpp"

#include <algorithm>
#include <chrono>

namespace timecast {

namespace {

constexpr std::int64_t kMostErrorUs = 16'000'000;  // NTP_PHASE_LIMIT: unsynchronised beyond

// A clock that is further off is about to be stepped, or slewed for minutes.
constexpr Duration kMostOff = Duration::milliseconds(100);

// Rounded up: an error is never smaller than it is.
std::int64_t whole_us(Duration d) noexcept {
  const std::int64_t ns = magnitude(d).count_ns();
  return std::min(ns / 1'000 + (ns % 1'000 != 0 ? 1 : 0), kMostErrorUs);
}

Leap leap_tonight(const ListenerStatus& status, Timestamp<Realtime> now) {
  const Timestamp<Announced> utc{now.since_epoch() + status.offset};
  const bool leaps = status.leap == Leap::insert_second || status.leap == Leap::delete_second;
  return leaps && is_last_of_month(utc) ? status.leap : Leap::none;
}

}  // namespace

bool is_last_of_month(Timestamp<Announced> utc) {
  using std::chrono::days;
  const std::chrono::sys_time<std::chrono::nanoseconds> at{
      std::chrono::nanoseconds{utc.since_epoch().count_ns()}};
  const auto tomorrow = std::chrono::floor<days>(at) + days{1};
  return std::chrono::year_month_day{tomorrow}.day() == std::chrono::day{1};
}

std::optional<KernelWord> kernel_word(const ListenerStatus& status, Timestamp<Realtime> now,
                                      bool trust_tentative) {
  KernelWord word;
  const Duration off = magnitude(status.offset);
  word.max_error_us = whole_us(status.bound + off);
  word.estimated_error_us = whole_us(status.error + off);
  switch (status.state) {
    case State::searching: return std::nullopt;
    case State::tentative:
      if (!trust_tentative) return std::nullopt;
      word.synchronised = off <= kMostOff;
      break;
    case State::synchronised: word.synchronised = off <= kMostOff; break;
    case State::holdover: break;
    case State::lost: word.synchronised = false; break;
  }
  if (word.synchronised == true) word.leap = leap_tonight(status, now);
  return word;
}

}  // namespace timecast
