// SPDX-License-Identifier: MIT
//
// The page's values of a whole listener, on simulated links: what they foresee, and what that
// listener says then.
#include <doctest/doctest.h>

#include <cstdlib>
#include <ostream>
#include <string_view>

#include "listener/daemon/page_values.hpp"
#include "listener/now/judge.hpp"
#include "tests/simulation/world.hpp"

using namespace timecast;
using namespace timecast::sim;

namespace {

struct Read {
  int error = 0;
  timecast_time time{};
};

Read read_at(const PageValues& values, const Moment& then) {
  Read read;
  read.error = judge_page(
      values, {then.raw.since_epoch().count_ns(), then.boot.since_epoch().count_ns()}, read.time);
  return read;
}

PageValues page_of(const ListenerNode& listener) {
  return page_values([&](const Moment& then) { return listener.status(then); }, listener.now(),
                     Timestamp<Boot>{});
}

// How much more than the listener's own bound the page may say while the daemon writes.
constexpr std::int64_t kLittleNs = 1'000;

// Returns whether it told a time.
bool check_page(const ListenerNode& listener, Duration age) {
  CAPTURE(age.count_ns());
  const PageValues values = page_of(listener);
  const Moment then = shifted(listener.now(), age);
  const ListenerStatus status = listener.status(then);
  const Read read = read_at(values, then);
  if (read.error != 0) {
    CHECK(then.boot.since_epoch().count_ns() >= values.valid_until_ns);
    return false;
  }
  const Duration utc = then.realtime.since_epoch() + status.offset;
  CHECK(magnitude(Duration::nanoseconds(read.time.time_ns) - utc).count_ns() <=
        3 + age.count_ns() / 1'000'000'000'000);
  CHECK(read.time.error_ns >= status.error.count_ns());
  CHECK(read.time.bound_ns >= status.bound.count_ns());
  if (age > Duration::seconds(1)) return true;
  CHECK(read.time.error_ns <= status.error.count_ns() * 11 / 10 + kLittleNs);
  CHECK(read.time.bound_ns <= status.bound.count_ns() * 11 / 10 + kLittleNs);
  return true;
}

}  // namespace

TEST_CASE("page's foresight: never less than the listener says later, and hardly more at once") {
  const auto us = [](std::int64_t n) { return Duration::microseconds(n); };
  struct Row {
    std::string_view name;
    Delay link;
    double wander;
    bool listen_only;
  };
  for (const Row& row : {Row{"wired", exponential(us(100), us(10)), 0, false},
                         Row{"wireless", exponential(us(1'000), us(1'000)), 0, false},
                         Row{"a clock that wanders", exponential(us(100), us(10)), 1e-8, false},
                         Row{"listening alone", exponential(us(100), us(10)), 0, true}}) {
    CAPTURE(row.name);
    World world{seed_from_environment_or(7)};
    world.add_announcer({});
    const auto& listener = world.add_listener({.rate_ppm = -42,
                                               .down = row.link,
                                               .up = row.link,
                                               .listen_only = row.listen_only,
                                               .wander = row.wander});
    int told = 0;
    for (const std::int64_t pause_s : {2, 1, 2, 5, 20, 60, 600}) {
      world.run_for(Duration::seconds(pause_s));
      for (const std::int64_t age_ms :
           {0, 1, 300, 1'000, 1'900, 2'500, 7'000, 29'000, 31'000, 200'000, 599'000, 700'000,
            5'000'000, 20'000'000, 50'000'000, 86'000'000}) {
        if (check_page(listener, Duration::milliseconds(age_ms))) ++told;
      }
    }
    CHECK(told > 80);  // of 112
  }
}

TEST_CASE("page's foresight: a page that nobody writes any more keeps its promise while valid") {
  World world{seed_from_environment_or(11)};
  world.add_announcer({});
  const auto& listener = world.add_listener({.rate_ppm = 30, .wander = 1e-9});
  world.run_for(Duration::seconds(120));
  const PageValues values = page_of(listener);
  int told = 0;
  int beyond_error = 0;
  for (int minute = 0; minute < 120; ++minute) {
    world.run_for(Duration::seconds(60));
    const Moment now = listener.now();
    const Read read = read_at(values, now);
    REQUIRE(read.error == 0);
    CHECK(read.time.state == TIMECAST_HOLDOVER);
    // The listener has heard all the while, and knows.
    const Duration utc = now.realtime.since_epoch() + listener.status().offset - listener.error();
    const std::int64_t off = (Duration::nanoseconds(read.time.time_ns) - utc).count_ns();
    CHECK(std::abs(off) <= read.time.bound_ns);
    if (std::abs(off) > read.time.error_ns) ++beyond_error;
    ++told;
  }
  CHECK(told == 120);
  CHECK(beyond_error == 0);
}
