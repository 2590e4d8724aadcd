// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include "listener/core/hard_limits.hpp"

namespace timecast {
namespace {

Timestamp<Raw> at(std::int64_t seconds) { return Timestamp<Raw>{Duration::seconds(seconds)}; }

void check(const Limits& limits, double low, double high) {
  CHECK(limits.low == doctest::Approx(low));
  CHECK(limits.high == doctest::Approx(high));
}

}  // namespace

TEST_CASE("hard limits: each exchange narrows them, and drift moves them apart") {
  HardLimits limits;
  limits.begin({-100, 200}, at(0));
  limits.narrow({-50, 300}, at(1));
  check(limits.offset(), -50, 200);
  limits.drift({-10, 5});
  check(limits.offset(), -60, 205);
}

TEST_CASE("hard limits: what contradicts them begins anew") {
  HardLimits limits;
  limits.begin({-100, 200}, at(0));
  limits.narrow({300, 400}, at(100));
  check(limits.offset(), 300, 400);
  CHECK_FALSE(limits.knows_rate());
  limits.narrow({300, 400}, at(110));
  CHECK_FALSE(limits.knows_rate());  // since they began anew
}

TEST_CASE("hard limits: an announcement raises the least, never beyond the most") {
  HardLimits limits;
  limits.begin({-100, 200}, at(0));
  limits.raise(50);
  check(limits.offset(), 50, 200);
  limits.raise(-80);
  check(limits.offset(), 50, 200);
  limits.raise(500);
  check(limits.offset(), 200, 200);
}

TEST_CASE("hard limits: two times tell the least and the most that the rate was") {
  HardLimits limits;
  limits.begin({-100, 100}, at(0));
  limits.narrow({-100, 100}, at(60));
  CHECK_FALSE(limits.knows_rate());  // that soon they say nothing
  limits.drift({1'000, 1'000});
  limits.narrow({900, 1'050}, at(100));
  REQUIRE(limits.knows_rate());
  check(limits.rate(), 8, 11.5);
  limits.forget_rate();
  CHECK_FALSE(limits.knows_rate());
}

TEST_CASE("hard limits: of what is told of the rate the narrower counts, until that is old") {
  HardLimits limits;
  limits.begin({-10, 10}, at(0));
  limits.narrow({-10, 10}, at(1'000));
  check(limits.rate(), -0.02, 0.02);
  limits.drift({-1'000, 1'000});
  limits.narrow({-500, 500}, at(1'020));
  check(limits.rate(), -0.02, 0.02);
  limits.narrow({-500, 500}, at(1'030));
  check(limits.rate(), -510.0 / 1'030, 510.0 / 1'030);
}

TEST_CASE("hard limits: the rate is that of the last fifty minutes, not of an hour ago") {
  HardLimits limits;
  limits.begin({-1, 1}, at(0));
  const auto pass = [&](double rate, std::int64_t from, std::int64_t to) {
    for (std::int64_t t = from; t < to; t += 16) {
      limits.drift({16 * (rate - 1), 16 * (rate + 1)});
      const double mean = (limits.offset().low + limits.offset().high) / 2;
      limits.narrow({mean - 1, mean + 1}, at(t + 16));
    }
  };
  pass(0, 0, 4'096);
  CHECK(limits.rate().high < 0.1);
  pass(5, 4'096, 4'096 + 3'072);
  CHECK(limits.rate().low > 3);
  CHECK(limits.rate().low < 5);
  CHECK(limits.rate().high > 5);
}

}  // namespace timecast
