// SPDX-License-Identifier: MIT
//
// What the estimator makes of answers that are held up just when it has asked what time it is.
#include <doctest/doctest.h>

#include "tests/unit/listener_estimator_bench.hpp"

namespace timecast::test {
namespace {

Network quiet() { return alike(sim::exponential(us(100), us(10))); }

// One whose announcer has stepped after an hour, as far as announcements tell.
EstimatorBench doubting(Duration step) {
  EstimatorBench bench{quiet()};
  bench.live(3'600);
  bench.ahead = bench.ahead + step;
  for (int i = 0; i < 10 && !bench.estimator.in_doubt(); ++i) bench.announce_later(s(1));
  REQUIRE(bench.estimator.in_doubt());
  return bench;
}

void hold_up(EstimatorBench& bench, bool requests) {
  sim::Delay& way = requests ? bench.network.there : bench.network.back;
  way = sim::exponential(ms(13), us(10));
}

}  // namespace

TEST_CASE("estimator: two exchanges that were held up settle no doubt, and one that was not does") {
  for (const Duration step : {ms(1), ms(-1)}) {
    for (const bool requests : {true, false}) {
      CAPTURE(step.count_ns());
      CAPTURE(requests);
      EstimatorBench bench = doubting(step);
      hold_up(bench, requests);
      for (int i = 0; i < 2; ++i) {
        CHECK_FALSE(bench.ask());
        bench.announce_later(s(1));
        CHECK(bench.estimator.in_doubt());
        CHECK(magnitude(bench.error() + step) < us(6));  // not followed
      }
      bench.network = quiet();
      CHECK(bench.ask());
      bench.announce_later(s(1));
      CHECK(magnitude(bench.error()) < us(60));
    }
  }
}

TEST_CASE(
    "estimator: the third exchange in a row that is held up ends a doubt: it is the network") {
  for (const Duration step : {ms(1), ms(-1)}) {
    CAPTURE(step.count_ns());
    EstimatorBench bench = doubting(step);
    hold_up(bench, true);
    CHECK_FALSE(bench.ask());
    CHECK_FALSE(bench.ask());
    CHECK(bench.ask());
    CHECK_FALSE(bench.estimator.in_doubt());
  }
}

TEST_CASE(
    "estimator: a way that became as much longer as announcements say is no exchange held up") {
  for (const Duration longer : {ms(1), ms(13)}) {
    CAPTURE(longer.count_ns());
    EstimatorBench bench = doubting(-longer);
    bench.ahead = bench.ahead + longer;  // it was no step
    bench.network = alike(sim::exponential(us(100) + longer, us(10)));
    CHECK(bench.ask());
    bench.announce_later(s(1));
    CHECK_FALSE(bench.estimator.in_doubt());
    CHECK(magnitude(bench.error()) < us(60));
  }
}

TEST_CASE("estimator: a doubt whose answers are held up is none that nobody answers") {
  EstimatorBench bench = doubting(ms(-1));
  for (int i = 0; i < 7; ++i) bench.announce_later(s(1));
  hold_up(bench, true);
  CHECK_FALSE(bench.ask());
  for (int i = 0; i < 15; ++i) bench.announce_later(s(1));
  CHECK(bench.estimator.in_doubt());
  bench.announce_later(s(1));
  CHECK_FALSE(bench.estimator.in_doubt());
}

}  // namespace timecast::test
