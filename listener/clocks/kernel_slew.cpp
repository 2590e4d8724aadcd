// SPDX-License-Identifier: MIT
#include "listener/clocks/kernel_slew.hpp"

#include <algorithm>

namespace timecast {

namespace {

constexpr std::int64_t kSecondNs = 1'000'000'000;
constexpr std::int64_t kMicrosecondNs = 1'000;
// What the rate makes good alone, so that small corrections begin at once and end evenly. The
// rate's own rounding still fits into 1 ppm.
constexpr std::int64_t kMostByRateNs = 990;

bool is_small(std::int64_t ns) noexcept { return ns >= -kMostByRateNs && ns <= kMostByRateNs; }

std::int64_t second_of(Timestamp<Realtime> t) noexcept {
  return t.since_epoch().count_ns() / kSecondNs;
}

// Hours are far beyond what may be told at once.
std::int64_t nearest_us(std::int64_t ns) noexcept {
  constexpr std::int64_t kHour = 3'600 * kSecondNs;
  ns = std::clamp(ns, -kHour, kHour);
  const std::int64_t half = ns < 0 ? -kMicrosecondNs / 2 : kMicrosecondNs / 2;
  return (ns + half) / kMicrosecondNs;
}

// What is planned for longer than a second has a rate, and keeps to it. A little more than its
// whole number, so that no rate is nothing.
std::int64_t most_in_a_second_us(Duration amount, Duration over) noexcept {
  if (over <= Duration::seconds(1)) return KernelSlew::kMostInASecondUs;
  const double us = magnitude(amount).to_seconds() / over.to_seconds() * 1e6;
  return std::min(static_cast<std::int64_t>(std::min(us, 1e6)) + 1, KernelSlew::kMostInASecondUs);
}

}  // namespace

Duration KernelSlew::unclear_for(Timestamp<Realtime> when) noexcept {
  const Duration into = Duration::nanoseconds(when.since_epoch().count_ns() % kSecondNs);
  return longer(kUnclear - into, Duration{});
}

void KernelSlew::let_time_pass(Timestamp<Realtime> now) noexcept {
  const std::int64_t second = second_of(now);
  if (told_.whole_us != 0 && second > told_.second) {
    applied_ = {told_.whole_us, told_.second + 1};
    told_ = {};
  }
  if (second != applied_.second) applied_ = {};
}

KernelSlew::Plan KernelSlew::plan(Duration amount, Duration over,
                                  Timestamp<Realtime> now) noexcept {
  let_time_pass(now);
  const std::int64_t into_second = now.since_epoch().count_ns() % kSecondNs;
  const std::int64_t still_comes =
      applied_.whole_us * (kSecondNs - into_second) / (kSecondNs / kMicrosecondNs);
  const std::int64_t wanted = (amount - Duration::nanoseconds(still_comes)).count_ns();
  Plan plan;
  if (!is_small(wanted)) {
    const std::int64_t most = most_in_a_second_us(amount, over);
    plan.whole_us = std::clamp(nearest_us(wanted), -most, most);
  }
  const std::int64_t rest =
      std::clamp(wanted - plan.whole_us * kMicrosecondNs, -kMostByRateNs, kMostByRateNs);
  plan.by_rate = FrequencyPpb{static_cast<double>(rest)};  // within a second
  return plan;
}

void KernelSlew::accepted(std::int64_t whole_us, Timestamp<Realtime> now) noexcept {
  let_time_pass(now);
  told_ = {whole_us, second_of(now)};
}

}  // namespace timecast
