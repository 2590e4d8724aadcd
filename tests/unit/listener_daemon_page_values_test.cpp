// SPDX-License-Identifier: MIT
#include "listener/daemon/page_values.hpp"

#include <doctest/doctest.h>
#include <errno.h>

#include <cmath>

#include "listener/now/judge.hpp"

using namespace timecast;

namespace {

constexpr Moment kNow{Timestamp<Realtime>{Duration::seconds(1'800'000'000)},
                      Timestamp<Raw>{Duration::seconds(4'000)},
                      Timestamp<Boot>{Duration::seconds(5'000)}};
constexpr Timestamp<Boot> kStarted{Duration::seconds(4'900)};
constexpr double kRate = -12.345e-6;
constexpr double kPhi = 15e-6;

// As the estimator's: the error grows ever faster, the bound by PHI besides.
Duration error_after(double age) {
  return Duration::from_seconds(1e-5 + 1e-8 * std::pow(age, 1.5) + 2e-7 * age);
}

ListenerStatus status_at(const Moment& now) {
  const Duration age = now.raw - kNow.raw;
  ListenerStatus s;
  s.state = State::synchronised;
  s.reason = Reason::agreeing;
  s.leap = Leap::delete_second;
  s.offset = Duration::milliseconds(-250) + Duration::from_seconds(age.to_seconds() * kRate);
  s.error = error_after(age.to_seconds());
  s.bound = s.error + Duration::milliseconds(1) + Duration::from_seconds(age.to_seconds() * kPhi);
  s.valid_until = kNow.boot + Duration::seconds(30'000);
  s.lateness_bounded = true;
  return s;
}

timecast_time read_at(const PageValues& values, Duration age) {
  timecast_time time{};
  const Moment then = shifted(kNow, age);
  CHECK(judge_page(values, {then.raw.since_epoch().count_ns(), then.boot.since_epoch().count_ns()},
                   time) == 0);
  return time;
}

}  // namespace

TEST_CASE("page's values: at once they are the status") {
  const timecast_time time = read_at(page_values(status_at, kNow, kStarted), Duration{});
  const ListenerStatus s = status_at(kNow);
  CHECK(time.time_ns == (kNow.realtime.since_epoch() + s.offset).count_ns());
  CHECK(time.error_ns == s.error.count_ns());
  CHECK(time.bound_ns >= s.bound.count_ns());
  CHECK(time.bound_ns <= s.bound.count_ns() + 4);  // never less later, whatever is rounded
  CHECK(time.state == TIMECAST_SYNCHRONISED);
  CHECK(time.reason == TIMECAST_AGREEING);
  CHECK(time.leap == TIMECAST_LEAP_DELETE);
  CHECK(time.lateness_bounded == 1);
  CHECK(time.valid_until_ns == s.valid_until.since_epoch().count_ns());
  CHECK(time.daemon_started_ns == kStarted.since_epoch().count_ns());
}

TEST_CASE("page's values: however old, error and bound are never less than the status would say") {
  const PageValues values = page_values(status_at, kNow, kStarted);
  for (const std::int64_t age_ms : {1, 500, 1'000, 1'999, 2'000, 2'001, 15'000, 29'999, 30'000,
                                    300'000, 599'999, 600'000, 5'000'000, 29'000'000, 29'999'999}) {
    CAPTURE(age_ms);
    const Duration age = Duration::milliseconds(age_ms);
    const timecast_time time = read_at(values, age);
    const ListenerStatus s = status_at(shifted(kNow, age));
    const Duration utc = kNow.realtime.since_epoch() + age + s.offset;
    const std::int64_t off = time.time_ns - utc.count_ns();
    CHECK(std::abs(off) <= 2 + age_ms / 1'000'000);  // the rate is told to a part in 10^12
    CHECK(time.error_ns >= s.error.count_ns());
    CHECK(time.bound_ns >= s.bound.count_ns());
  }
}

TEST_CASE("page's values: while the daemon writes they say hardly more than the status") {
  const PageValues values = page_values(status_at, kNow, kStarted);
  for (const int age_ms : {100, 500, 1'000, 1'500}) {
    CAPTURE(age_ms);
    const Duration age = Duration::milliseconds(age_ms);
    const timecast_time time = read_at(values, age);
    const ListenerStatus s = status_at(shifted(kNow, age));
    CHECK(time.error_ns - s.error.count_ns() < 20);
    CHECK(time.bound_ns - s.bound.count_ns() < 20);
  }
}

TEST_CASE("page's values: nobody vouches for more than a day, nor for less than nothing") {
  ListenerStatus s = status_at(kNow);
  const auto fixed = [&](const Moment&) { return s; };
  s.valid_until = Timestamp<Boot>{Duration::max()};
  CHECK(page_values(fixed, kNow, kStarted).valid_until_ns ==
        (kNow.boot + kPageLongest).since_epoch().count_ns());
  s.valid_until = kNow.boot - Duration::seconds(1);
  CHECK(page_values(fixed, kNow, kStarted).valid_until_ns == kNow.boot.since_epoch().count_ns());
}

TEST_CASE("page's values: however short the time left, they make sense") {
  for (const int left_ms : {0, 1, 500, 1'000, 1'500, 2'500, 31'000}) {
    CAPTURE(left_ms);
    const auto until = kNow.boot + Duration::milliseconds(left_ms);
    const PageValues values = page_values(
        [&](const Moment& now) {
          ListenerStatus s = status_at(now);
          s.valid_until = until;
          return s;
        },
        kNow, kStarted);
    timecast_time time{};
    const std::int64_t boot = values.valid_until_ns - 1;
    CHECK(judge_page(values, {values.raw_ns + boot - values.boot_ns, boot}, time) ==
          (left_ms == 0 ? -ENODATA : 0));
    CHECK(judge_page(values, {values.raw_ns, values.valid_until_ns}, time) == -ENODATA);
  }
}

TEST_CASE("page's values: what cannot be said in its units is cut to what can") {
  const PageValues values = page_values(
      [](const Moment& now) {
        ListenerStatus s = status_at(now);
        const Duration age = now.raw - kNow.raw;
        s.offset = age * 2;
        s.error = age * 3;
        s.bound = -age;
        return s;
      },
      kNow, kStarted);
  CHECK(values.rate_ppt == 1'000'000'000);
  CHECK(values.growth[0].error_growth_ppt == 1'000'000'000'000);
  CHECK(values.growth[0].bound_growth_ppt == 0);
}

TEST_CASE("page's values: without a time there is a state, a reason, and when it was written") {
  for (const State state : {State::searching, State::lost}) {
    CAPTURE(static_cast<int>(state));
    const PageValues values = page_values(
        [&](const Moment& now) {
          ListenerStatus s = status_at(now);
          s.state = state;
          s.reason = Reason::everything_refused;
          return s;
        },
        kNow, kStarted);
    timecast_time time{};
    CHECK(judge_page(values, {values.raw_ns, values.boot_ns}, time) == -ENODATA);
    CHECK(time.state == static_cast<std::uint32_t>(state));
    CHECK(time.reason == TIMECAST_EVERYTHING_REFUSED);
    CHECK(time.age_ns == 0);
    CHECK(values.utc_ns == 0);
  }
}
