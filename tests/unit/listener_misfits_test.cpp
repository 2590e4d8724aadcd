// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <cstdint>
#include <initializer_list>

#include "listener/core/misfits.hpp"

namespace timecast {
namespace {

constexpr Duration kSecond = Duration::seconds(1);
constexpr std::uint32_t kTicksPerSecond = 8;

// So many in a row, each so far off.
void count(Misfits& misfits, int n, double residual, bool fits, Duration interval = kSecond) {
  for (int i = 0; i < n; ++i) misfits.count(residual, fits, interval);
}

}  // namespace

TEST_CASE("misfits: a minute of them is a minute, however often announcements come") {
  for (const std::int64_t per_second : {1, 2, 8}) {
    CAPTURE(per_second);
    Misfits misfits;
    count(misfits, static_cast<int>(60 * per_second), 100, false,
          Duration::nanoseconds(1'000'000'000 / per_second));
    CHECK(misfits.excess() == Misfits::kTicksPerMinute);
  }
}

TEST_CASE("misfits: one stands for a quarter of a minute at most, and for an eighth of a second") {
  Misfits rare;
  count(rare, 4, 100, false, Duration::seconds(1'024));
  CHECK(rare.excess() == 4 * 112);
  Misfits quick;
  count(quick, 4, 100, false, Duration{});
  CHECK(quick.excess() == 4);
}

TEST_CASE("misfits: what fits makes up for as long as what did not, and never more") {
  Misfits misfits;
  count(misfits, 3, 100, false);
  count(misfits, 2, 0, true);
  CHECK(misfits.excess() == kTicksPerSecond);
  count(misfits, 1, 0, true, Duration::seconds(60));
  CHECK(misfits.excess() == 0);
  count(misfits, 1, 100, false);
  CHECK(misfits.excess() == kTicksPerSecond);
}

TEST_CASE("misfits: a limit is reached once, and again only from below it") {
  constexpr std::uint32_t kLimit = 2 * kTicksPerSecond + 1;
  Misfits misfits;
  count(misfits, 2, 100, false);
  CHECK_FALSE(misfits.reached(kLimit));
  count(misfits, 1, 100, false);
  CHECK(misfits.reached(kLimit));
  count(misfits, 1, 100, false);
  CHECK_FALSE(misfits.reached(kLimit));
  count(misfits, 2, 0, true);
  CHECK_FALSE(misfits.reached(kLimit));
  count(misfits, 1, 100, false);
  CHECK(misfits.reached(kLimit));
}

TEST_CASE("misfits: four early and four late ones are both ways, less are chance") {
  Misfits misfits;
  count(misfits, 20, 100, false);
  count(misfits, 3, -100, false);
  CHECK_FALSE(misfits.both_ways());
  count(misfits, 1, -100, false);
  CHECK(misfits.both_ways());
  count(misfits, 20, 0, true);
  CHECK_FALSE(misfits.both_ways());
}

TEST_CASE("misfits: how far off they are counts each, and the least counts since there were none") {
  Misfits misfits;
  count(misfits, 1, 10, false);
  count(misfits, 1, 0, true);
  count(misfits, 1, 300, false);
  CHECK(misfits.least() == doctest::Approx(300));
  count(misfits, 1, -100, false);
  CHECK(misfits.least() == doctest::Approx(100));
  count(misfits, 1, 50, true);  // what fits may be the quickest
  CHECK(misfits.least() == doctest::Approx(50));
  Misfits alike;
  count(alike, 5, 200, false);
  count(alike, 5, 400, false);
  CHECK(alike.mean() == doctest::Approx(300));
}

TEST_CASE("misfits: of however many is left, how far off they are is a number") {
  for (const std::int64_t seconds : {1, 15, 64}) {
    CAPTURE(seconds);
    Misfits misfits;
    count(misfits, 16, 100, false, Duration::seconds(seconds));
    for (int i = 0; i < 400 && misfits.excess() > 0; ++i) {
      CHECK(misfits.mean() == doctest::Approx(100));
      misfits.count(0, true, kSecond);
    }
    CHECK(misfits.excess() == 0);
  }
}

TEST_CASE("misfits: stamps that go back stand for no time") {
  Misfits misfits;
  count(misfits, 18, 100, false, Duration::nanoseconds(-1));
  CHECK(misfits.excess() == 18);
}

}  // namespace timecast
