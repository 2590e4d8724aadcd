// SPDX-License-Identifier: MIT
#include "listener/now/judge.hpp"

#include <errno.h>

namespace timecast {

namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kPptOne = 1'000'000'000'000;
// Within these nothing below overflows. An instant: 146 years from its epoch.
constexpr std::int64_t kMostInstant = std::int64_t{1} << 62U;
constexpr std::int64_t kMostSpan = std::int64_t{1} << 60U;
constexpr std::int64_t kMostAge = 8'000'000 * kSecond;  // 92 days; the daemon says a day at most
constexpr std::int64_t kMostRate = kPptOne / 1'000;     // the estimator goes no further
constexpr std::int64_t kMostGrowth = kPptOne;

// As the listener's core: CLOCK_BOOTTIME may be steered by 600 ppm, and a sleep is longer.
constexpr std::int64_t kLeastSleep = 20'000'000;
constexpr std::int64_t steered(std::int64_t age) noexcept { return age / 5'000 * 3; }

bool is_instant(std::int64_t ns) noexcept { return ns > -kMostInstant && ns < kMostInstant; }
bool is_span(std::int64_t ns) noexcept { return ns >= 0 && ns <= kMostSpan; }
bool is_growth(std::int64_t ppt) noexcept { return ppt >= 0 && ppt <= kMostGrowth; }

bool makes_sense(const PageGrowth& g) noexcept {
  return is_span(g.from_ns) && is_span(g.error_ns) && is_span(g.bound_ns) &&
         is_growth(g.error_growth_ppt) && is_growth(g.bound_growth_ppt);
}

bool makes_sense(const PageValues& v) noexcept {
  for (const PageGrowth& growth : v.growth) {
    if (!makes_sense(growth)) return false;
  }
  return v.raw_ns >= 0 && is_instant(v.raw_ns) && v.boot_ns >= 0 && is_instant(v.boot_ns) &&
         is_instant(v.utc_ns) && v.rate_ppt >= -kMostRate && v.rate_ppt <= kMostRate &&
         is_instant(v.valid_until_ns) && v.state <= TIMECAST_LOST;
}

// What growth adds up to over an age; rather a nanosecond or two more than less.
std::int64_t grown(std::int64_t ppt, std::int64_t age) noexcept {
  const std::int64_t whole = age / kSecond * ppt;
  const std::int64_t rest = (age % kSecond + 999) / 1'000 * ppt;  // of microseconds
  return (whole + 999) / 1'000 + (rest + kSecond - 1) / kSecond;
}

// To the nearest, of either sign.
std::int64_t gained(std::int64_t ppt, std::int64_t age) noexcept {
  const std::int64_t whole = age / kSecond * ppt;
  const std::int64_t part = whole % 1'000 * (kPptOne / 1'000) + age % kSecond * ppt;
  const std::int64_t half = part < 0 ? -kPptOne / 2 : kPptOne / 2;
  return whole / 1'000 + (part + half) / kPptOne;
}

const PageGrowth& growth_at(const PageValues& v, std::int64_t age) noexcept {
  std::size_t i = kPageGrowths - 1;
  while (i > 0 && v.growth[i].from_ns > age) --i;
  return v.growth[i];
}

int no_time(timecast_time& out, std::uint32_t state, std::uint32_t reason) noexcept {
  out.state = state;
  out.reason = reason;
  return -ENODATA;
}

void tell_time(const PageValues& v, std::int64_t age, timecast_time& out) noexcept {
  const PageGrowth& growth = growth_at(v, age);
  const std::int64_t since = age > growth.from_ns ? age - growth.from_ns : 0;
  out.time_ns = v.utc_ns + age + gained(v.rate_ppt, age);
  out.error_ns = growth.error_ns + grown(growth.error_growth_ppt, since);
  out.bound_ns = growth.bound_ns + grown(growth.bound_growth_ppt, since);
  out.earliest_ns = out.time_ns - out.bound_ns;
  out.latest_ns = out.time_ns + out.bound_ns;
}

}  // namespace

int judge_page(const PageValues& v, const PageClocks& now, timecast_time& out) noexcept {
  out = nothing_read();
  if (!makes_sense(v) || !is_instant(now.raw_ns) || !is_instant(now.boot_ns)) return -EPROTO;
  const std::int64_t age = now.raw_ns - v.raw_ns;
  out.age_ns = now.boot_ns - v.boot_ns;
  out.state = v.state;
  out.reason = v.reason;
  out.leap = v.leap;
  out.valid_until_ns = v.valid_until_ns;
  out.daemon_started_ns = v.started_ns;
  out.lateness_bounded = v.lateness_bounded;
  if (v.state == TIMECAST_SEARCHING || v.state == TIMECAST_LOST) return -ENODATA;
  if (age < 0 || out.age_ns < 0) return no_time(out, TIMECAST_LOST, TIMECAST_CLOCKS_DIFFER);
  if (now.boot_ns >= v.valid_until_ns || age > kMostAge) {
    return no_time(out, TIMECAST_LOST, TIMECAST_EXPIRED);
  }
  const std::int64_t slept = out.age_ns > age ? out.age_ns - age : age - out.age_ns;
  if (slept > kLeastSleep + steered(age)) {
    return no_time(out, TIMECAST_LOST, TIMECAST_SUSPENDED);
  }
  if (out.age_ns > kPagePatience) {
    out.state = TIMECAST_HOLDOVER;
    out.reason = TIMECAST_DAEMON_SILENT;
  }
  tell_time(v, age, out);
  return 0;
}

}  // namespace timecast
