// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include "announcer/core/stream.hpp"
#include "tests/simulation/random.hpp"

namespace timecast {
namespace {

constexpr int kDraws = 10'000;

Timestamp<Boot> at_ms(std::int64_t ms) { return Timestamp<Boot>{Duration::milliseconds(ms)}; }

// How far an instant lies from the nearest one of the grid.
Duration off_grid(Timestamp<Boot> t, Duration interval, Duration phase) {
  const std::int64_t rest =
      (t.since_epoch() - phase + interval * 1'000'000).count_ns() % interval.count_ns();
  return std::min(Duration::nanoseconds(rest), interval - Duration::nanoseconds(rest));
}

}  // namespace

TEST_CASE("stream: the next instant of the grid is half to one and a half intervals away") {
  struct Row {
    Duration interval;
    Duration phase;
    Duration jitter;
  };
  const Row rows[] = {
      {Duration::seconds(1), Duration{}, Duration::milliseconds(10)},
      {Duration::seconds(1), Duration::milliseconds(730), Duration::milliseconds(10)},
      {Duration::milliseconds(100), Duration::milliseconds(99), Duration::milliseconds(1)},
      {Duration::seconds(64), Duration::seconds(40), Duration::milliseconds(10)},
  };
  for (const Row& row : rows) {
    CAPTURE(row.interval.count_ns());
    sim::Random random{1};
    const Entropy entropy = random.entropy();
    for (int i = 0; i < kDraws; ++i) {
      const Timestamp<Boot> now = at_ms(70'000) + entropy.between(Duration{}, row.interval * 3);
      const Timestamp<Boot> next = next_on_grid(now, row.interval, row.phase, entropy);
      REQUIRE(next - now >= row.interval / 2);
      REQUIRE(next - now <= row.interval * 3 / 2 + row.jitter * 2);
      REQUIRE(off_grid(next, row.interval, row.phase) <= row.jitter);
    }
  }
}

TEST_CASE("stream: whoever sends when it is due sends once an interval, shaken to both sides") {
  sim::Random random{2};
  const Duration interval = Duration::seconds(1);
  const Duration phase = Duration::milliseconds(123);
  Duration least = interval;
  Duration most;
  Timestamp<Boot> due = at_ms(5'000);
  due = next_on_grid(due, interval, phase, random.entropy());
  for (int i = 0; i < kDraws; ++i) {
    const Timestamp<Boot> next = next_on_grid(due, interval, phase, random.entropy());
    least = std::min(least, next - due);
    most = std::max(most, next - due);
    due = next;
  }
  CHECK(least >= Duration::milliseconds(980));
  CHECK(least <= Duration::milliseconds(982));
  CHECK(most <= Duration::milliseconds(1'020));
  CHECK(most >= Duration::milliseconds(1'018));
}

TEST_CASE("stream: a host that has just booted waits no longer for the grid than others") {
  sim::Random random{3};
  for (const std::int64_t now_ms : {0, 1, 200, 399, 800}) {
    CAPTURE(now_ms);
    const Timestamp<Boot> next = next_on_grid(at_ms(now_ms), Duration::seconds(1),
                                              Duration::milliseconds(900), random.entropy());
    CHECK(next - at_ms(now_ms) >= Duration::milliseconds(500));
    CHECK(next - at_ms(now_ms) <= Duration::milliseconds(1'520));
  }
}

TEST_CASE("stream: plain packets come 2^3 + 1 s apart or up to 6 % later, never sooner") {
  sim::Random random{4};
  const Timestamp<Boot> now = at_ms(5'000);
  const Duration longest = Duration::milliseconds(9'540);
  Duration least = longest;
  Duration most;
  for (int i = 0; i < kDraws; ++i) {
    const Duration spacing = next_plain(now, random.entropy()) - now;
    least = std::min(least, spacing);
    most = std::max(most, spacing);
  }
  CHECK(least >= Duration::seconds(9));
  CHECK(least <= Duration::milliseconds(9'001));
  CHECK(most <= longest);
  CHECK(most >= longest - Duration::milliseconds(1));
}

}  // namespace timecast
