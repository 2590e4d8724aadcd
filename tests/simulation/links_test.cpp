// SPDX-License-Identifier: MIT
#include "tests/simulation/links.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <ostream>
#include <string_view>

namespace timecast::sim {
namespace {

Duration us(std::int64_t n) { return Duration::microseconds(n); }
Duration s(std::int64_t n) { return Duration::seconds(n); }

}  // namespace

TEST_CASE("sim: delays have the least, the mean and the deviation of their model") {
  struct Row {
    std::string_view name;
    Delay delay;
    double least_us;
    double mean_us;
    double deviation_us;
  };
  const Row rows[] = {
      {"exponential", exponential(us(100), us(10)), 100, 110, 10},
      {"soft edge", soft_edge(us(100), us(10)), 100, 120, 14.14},
      {"gaussian", gaussian(us(150), us(10)), 100, 150, 10},
      {"uniform", uniform(us(0), us(102'400)), 0, 51'200, 29'560},
      {"heavy tail", exponentials_multiplied(us(100), us(10)), 100, 110, 26.46},
      {"one after the other", followed_by(constant(us(50)), exponential(us(50), us(10))), 100, 110,
       10},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    Random random{1};
    constexpr int kDraws = 100'000;
    double sum = 0;
    double squares = 0;
    double least = 1e9;
    for (int i = 0; i < kDraws; ++i) {
      const double delay = row.delay(random).to_seconds() * 1e6;
      sum += delay;
      squares += delay * delay;
      least = std::min(least, delay);
    }
    const double mean = sum / kDraws;
    CHECK(least >= row.least_us);
    CHECK(mean == doctest::Approx(row.mean_us).epsilon(0.01));
    CHECK(std::sqrt(squares / kDraws - mean * mean) ==
          doctest::Approx(row.deviation_us).epsilon(0.1));
  }
}

TEST_CASE("sim: a link that changes with time does so from one instant to another") {
  Random random{1};
  const Delay moved = floor_moved({s(10), s(20)}, us(200), constant(us(100)));
  const Delay lost = lost_within({s(10), s(20)}, constant(us(100)));
  struct Row {
    TrueTime left;
    bool is_within;
  };
  for (const Row& row : {Row{s(9), false}, {s(10), true}, {s(19), true}, {s(20), false}}) {
    CHECK(moved(random, row.left) == (row.is_within ? us(300) : us(100)));
    CHECK((lost(random, row.left) < Duration{}) == row.is_within);
  }
}

TEST_CASE("sim: what is lost on one part of the way is lost") {
  Random random{1};
  CHECK(followed_by(constant(kLost), constant(us(1)))(random) < Duration{});
  CHECK(followed_by(constant(us(1)), constant(kLost))(random) < Duration{});
}

TEST_CASE("sim: busy minutes are as many as they shall be, and last a minute for both directions") {
  Random random{1};
  const Delay there = busy_minutes(0.1, 7, constant(us(2)), constant(us(1)));
  const Delay back = busy_minutes(0.1, 7, constant(us(2)), constant(us(1)));
  int busy = 0;
  bool is_same = true;
  for (std::int64_t minute = 0; minute < 5'000; ++minute) {
    const Duration begins = there(random, s(60 * minute));
    is_same = is_same && begins == there(random, s(60 * minute + 59)) &&
              begins == back(random, s(60 * minute + 30));
    busy += begins == us(2) ? 1 : 0;
  }
  CHECK(is_same);
  CHECK(busy == doctest::Approx(500).epsilon(0.15));
}

}  // namespace timecast::sim
