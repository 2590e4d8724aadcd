// SPDX-License-Identifier: MIT
#include "listener/now/judge.hpp"

#include <doctest/doctest.h>
#include <errno.h>

#include <limits>

#include "listener/core/source.hpp"
#include "tests/unit/shared_page.hpp"

using namespace timecast;

namespace {

constexpr std::int64_t kUs = 1'000;
constexpr std::int64_t kMs = 1'000'000;

struct Judged {
  int error = 0;
  timecast_time time{};
};

Judged after(const PageValues& values, std::int64_t awake_ns, std::int64_t asleep_ns = 0) {
  Judged judged;
  judged.error = judge_page(
      values, {values.raw_ns + awake_ns, values.boot_ns + awake_ns + asleep_ns}, judged.time);
  return judged;
}

bool tells_no_time(const timecast_time& t) {
  return t.time_ns == 0 && t.earliest_ns == 0 && t.latest_ns == 0 && t.error_ns == 0 &&
         t.bound_ns == 0;
}

}  // namespace

TEST_CASE("page's judge: at the anchor it is what was written") {
  const PageValues v = synchronised_page();
  const Judged judged = after(v, 0);
  const timecast_time& t = judged.time;
  CHECK(judged.error == 0);
  CHECK(t.state == TIMECAST_SYNCHRONISED);
  CHECK(t.reason == TIMECAST_AGREEING);
  CHECK(t.leap == TIMECAST_LEAP_NONE);
  CHECK(t.time_ns == v.utc_ns);
  CHECK(t.error_ns == kMs);
  CHECK(t.bound_ns == 10 * kMs);
  CHECK(t.earliest_ns == v.utc_ns - 10 * kMs);
  CHECK(t.latest_ns == v.utc_ns + 10 * kMs);
  CHECK(t.valid_until_ns == v.valid_until_ns);
  CHECK(t.daemon_started_ns == v.started_ns);
  CHECK(t.lateness_bounded == 1);
  CHECK(t.age_ns == 0);
}

TEST_CASE("page's judge: time goes on by the announcer's rate, error and bound piece by piece") {
  struct Row {
    std::int64_t age_ms;
    std::int64_t gained_ns;  // by 50 ppm
    std::int64_t error_us;
    std::int64_t bound_us;
  };
  for (const Row& row :
       {Row{0, 0, 1'000, 10'000}, Row{1'000, 50'000, 1'001, 10'010},
        Row{1'500, 75'000, 1'001, 10'015}, Row{2'000, 100'000, 1'002, 10'020},
        Row{3'000, 150'000, 1'004, 10'040}, Row{30'000, 1'500'000, 1'058, 10'580},
        Row{600'000, 30'000'000, 3'338, 33'380}, Row{3'500'000, 175'000'000, 26'538, 265'380}}) {
    CAPTURE(row.age_ms);
    const PageValues v = synchronised_page();
    const Judged judged = after(v, row.age_ms * kMs);
    const timecast_time& t = judged.time;
    CHECK(judged.error == 0);
    CHECK(t.time_ns == v.utc_ns + row.age_ms * kMs + row.gained_ns);
    CHECK(t.error_ns / kUs == row.error_us);
    CHECK(t.bound_ns / kUs == row.bound_us);
    CHECK(t.age_ns == row.age_ms * kMs);
  }
}

TEST_CASE("page's judge: a slower announcer loses as much, to the nearest nanosecond") {
  struct Row {
    std::int64_t rate_ppt;
    std::int64_t age_ns;
    std::int64_t gained_ns;
  };
  for (const Row& row :
       {Row{-50'000'000, kSecondNs, -50'000}, Row{-1, 499 * kSecondNs, 0},
        Row{-1, 501 * kSecondNs, -1}, Row{1, 501 * kSecondNs, 1}, Row{999, kSecondNs / 2, 0},
        Row{1'001, kSecondNs / 2, 1}, Row{-1'001, kSecondNs / 2, -1},
        Row{1'000'000'000, 3'599 * kSecondNs + kSecondNs - 1, 3'600'000'000}}) {
    CAPTURE(row.rate_ppt);
    CAPTURE(row.age_ns);
    PageValues v = synchronised_page();
    v.rate_ppt = row.rate_ppt;
    CHECK(after(v, row.age_ns).time.time_ns == v.utc_ns + row.age_ns + row.gained_ns);
  }
}

TEST_CASE("page's judge: what grows is never rounded down") {
  PageValues v = synchronised_page();
  v.growth[0].error_growth_ppt = 1;
  CHECK(after(v, 0).time.error_ns == kMs);
  CHECK(after(v, 1).time.error_ns == kMs + 1);
  CHECK(after(v, kSecondNs).time.error_ns == kMs + 1);
}

TEST_CASE("page's judge: searching and lost have no time, and the daemon's reason") {
  PageValues v = synchronised_page();
  for (const std::uint32_t state : {TIMECAST_SEARCHING, TIMECAST_LOST}) {
    CAPTURE(state);
    v.state = state;
    v.reason = TIMECAST_EVERYTHING_REFUSED;
    const Judged judged = after(v, kSecondNs);
    const timecast_time& t = judged.time;
    CHECK(judged.error == -ENODATA);
    CHECK(t.state == state);
    CHECK(t.reason == TIMECAST_EVERYTHING_REFUSED);
    CHECK(tells_no_time(t));
  }
}

TEST_CASE("page's judge: from valid_until on the time is lost") {
  const PageValues v = synchronised_page();
  CHECK(after(v, 3'600 * kSecondNs - 1).error == 0);
  const Judged judged = after(v, 3'600 * kSecondNs);
  const timecast_time& t = judged.time;
  CHECK(judged.error == -ENODATA);
  CHECK(t.state == TIMECAST_LOST);
  CHECK(t.reason == TIMECAST_EXPIRED);
  CHECK(tells_no_time(t));
}

TEST_CASE("page's judge: after a sleep the time is lost until the daemon writes again") {
  struct Row {
    std::int64_t awake_s;
    std::int64_t slept_ms;
    bool lost;
  };
  // CLOCK_BOOTTIME may be steered by 600 ppm either way.
  for (const Row& row :
       {Row{0, 19, false}, Row{0, 21, true}, Row{0, -21, true}, Row{100, 79, false},
        Row{100, -79, false}, Row{100, 81, true}, Row{1, 28'800'000, true}}) {
    CAPTURE(row.awake_s);
    CAPTURE(row.slept_ms);
    PageValues v = synchronised_page();
    v.valid_until_ns += 86'400 * kSecondNs;
    // Not before the page was written.
    const std::int64_t awake = row.awake_s * kSecondNs + 30 * kMs;
    const Judged judged = after(v, awake, row.slept_ms * kMs);
    const timecast_time& t = judged.time;
    CHECK((judged.error == -ENODATA) == row.lost);
    CHECK((t.reason == TIMECAST_SUSPENDED) == row.lost);
    CHECK(tells_no_time(t) == row.lost);
  }
}

TEST_CASE("page's judge: a sleep is what the listener's core takes for one, to the microsecond") {
  const PageValues v = synchronised_page();
  for (const std::int64_t awake_ms : {50, 1'000, 60'000, 3'000'000}) {
    CAPTURE(awake_ms);
    const std::int64_t awake = awake_ms * kMs;
    const std::int64_t limit = 20 * kMs + awake / 5'000 * 3;
    for (const std::int64_t slept : {limit - kUs, limit + kUs, -limit + kUs, -limit - kUs}) {
      CAPTURE(slept);
      const Moment later{{},
                         Timestamp<Raw>{Duration::nanoseconds(awake)},
                         Timestamp<Boot>{Duration::nanoseconds(awake + slept)}};
      CHECK((after(v, awake, slept).time.reason == TIMECAST_SUSPENDED) ==
            (slept_between({}, later) > Duration{}));
    }
  }
}

TEST_CASE("page's judge: where the daemon writes no more the state is holdover") {
  const PageValues v = synchronised_page();
  CHECK(after(v, 3 * kSecondNs).time.state == TIMECAST_SYNCHRONISED);
  const Judged judged = after(v, 3 * kSecondNs + 1);
  const timecast_time& t = judged.time;
  CHECK(judged.error == 0);
  CHECK(t.state == TIMECAST_HOLDOVER);
  CHECK(t.reason == TIMECAST_DAEMON_SILENT);
}

TEST_CASE("page's judge: clocks of before the page was written are other clocks") {
  const PageValues v = synchronised_page();
  for (const PageClocks& now : {PageClocks{v.raw_ns - 1, v.boot_ns}, {v.raw_ns, v.boot_ns - 1}}) {
    timecast_time t{};
    CHECK(judge_page(v, now, t) == -ENODATA);
    CHECK(t.state == TIMECAST_LOST);
    CHECK(t.reason == TIMECAST_CLOCKS_DIFFER);
    CHECK(tells_no_time(t));
  }
}

TEST_CASE("page's judge: numbers that no daemon writes are no page") {
  constexpr std::int64_t kHuge = std::numeric_limits<std::int64_t>::max();
  constexpr std::int64_t kTiny = std::numeric_limits<std::int64_t>::min();
  std::int64_t PageValues::*const instants[] = {&PageValues::raw_ns, &PageValues::boot_ns,
                                                &PageValues::utc_ns, &PageValues::rate_ppt,
                                                &PageValues::valid_until_ns};
  std::int64_t PageGrowth::*const growths[] = {&PageGrowth::from_ns, &PageGrowth::error_ns,
                                               &PageGrowth::bound_ns, &PageGrowth::error_growth_ppt,
                                               &PageGrowth::bound_growth_ppt};
  const auto judged = [](const PageValues& v) {
    timecast_time t{};
    const int error = judge_page(v, {4'001 * kSecondNs, 5'001 * kSecondNs}, t);
    CHECK(tells_no_time(t));
    return error;
  };
  for (const std::int64_t bad : {kHuge, kTiny}) {
    CAPTURE(bad);
    for (const auto member : instants) {
      PageValues v = synchronised_page();
      v.*member = bad;
      CHECK(judged(v) == -EPROTO);
    }
    for (const auto member : growths) {
      PageValues v = synchronised_page();
      v.growth[2].*member = bad;
      CHECK(judged(v) == -EPROTO);
    }
  }
  PageValues v = synchronised_page();
  v.state = 5;
  CHECK(judged(v) == -EPROTO);
}

TEST_CASE("page's judge: at the limits of what it accepts nothing overflows") {
  PageValues v = synchronised_page();
  const std::int64_t longest = 8'000'000 * kSecondNs;
  v.valid_until_ns = v.boot_ns + longest + kSecondNs;
  v.rate_ppt = -1'000'000'000;
  v.growth[3] = {0, std::int64_t{1} << 60U, std::int64_t{1} << 60U, 1'000'000'000'000,
                 1'000'000'000'000};
  const Judged judged = after(v, longest - 1);
  const timecast_time& t = judged.time;
  CHECK(judged.error == 0);
  CHECK(t.time_ns == v.utc_ns + longest - 1 - longest / 1'000);
  CHECK(t.bound_ns >= (std::int64_t{1} << 60U) + longest - 1);
  CHECK(t.earliest_ns < t.time_ns);
  CHECK(t.latest_ns > t.time_ns);
}
