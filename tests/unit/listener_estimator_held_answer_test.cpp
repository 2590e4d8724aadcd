// SPDX-License-Identifier: MIT
//
// What the estimator makes of answers that are held up just when it has asked what time it is.
#include <doctest/doctest.h>

#include "tests/unit/listener_estimator_bench.hpp"

namespace timecast::test {
namespace {

Network quiet() { return alike(sim::exponential(us(100), us(10))); }

EstimatorBench settled(Duration interval = s(1)) {
  EstimatorBench bench{quiet()};
  bench.interval = interval;
  bench.live(600);
  return bench;
}

// The announcer steps, and announcements tell so much that they are doubted.
void step(EstimatorBench& bench, Duration by) {
  bench.ahead = bench.ahead + by;
  for (int i = 0; i < 10 && !bench.estimator.in_doubt(); ++i) bench.announce_later(bench.interval);
  REQUIRE(bench.estimator.in_doubt());
}

EstimatorBench doubting(Duration by) {
  EstimatorBench bench = settled();
  step(bench, by);
  return bench;
}

void hold_up(EstimatorBench& bench, bool requests, Duration by = ms(13)) {
  sim::Delay& way = requests ? bench.network.there : bench.network.back;
  way = sim::exponential(by, us(10));
}

}  // namespace

TEST_CASE("estimator: two exchanges that were held up settle no doubt, and one that was not does") {
  for (const Duration by : {ms(1), ms(-1)}) {
    for (const Duration held : {ms(3), ms(13)}) {
      for (const bool requests : {true, false}) {
        CAPTURE(by.count_ns());
        CAPTURE(held.count_ns());
        CAPTURE(requests);
        EstimatorBench bench = doubting(by);
        hold_up(bench, requests, held);
        for (int i = 0; i < 2; ++i) {
          CHECK_FALSE(bench.ask());
          bench.announce_later(s(1));
          CHECK(bench.estimator.in_doubt());
          CHECK(magnitude(bench.error() + by) < us(6));  // not followed
        }
        bench.network = quiet();
        CHECK(bench.ask());
        bench.announce_later(s(1));
        CHECK(magnitude(bench.error()) < us(60));
      }
    }
  }
}

TEST_CASE(
    "estimator: the third exchange in a row that is held up ends a doubt: it is the network") {
  for (const Duration by : {ms(1), ms(-1)}) {
    CAPTURE(by.count_ns());
    EstimatorBench bench = doubting(by);
    hold_up(bench, true);
    CHECK_FALSE(bench.ask());
    CHECK_FALSE(bench.ask());
    CHECK(bench.ask());
    CHECK_FALSE(bench.estimator.in_doubt());
  }
}

TEST_CASE("estimator: four questions follow a verdict, however many were asked before it") {
  EstimatorBench bench = doubting(ms(-1));
  hold_up(bench, true);
  CHECK_FALSE(bench.ask());
  CHECK_FALSE(bench.ask());
  bench.network = quiet();
  CHECK(bench.ask());
  REQUIRE_FALSE(bench.estimator.in_doubt());
  for (int i = 0; i < 4; ++i) {
    CHECK(bench.estimator.eagerness() == Eagerness::brisk);
    CHECK(bench.ask());
  }
  CHECK(bench.estimator.eagerness() == Eagerness::rare);
}

TEST_CASE("estimator: a rate that has long been another one does not become a detour") {
  EstimatorBench bench{alike(sim::exponential(us(8), ns(300)))};
  bench.live(600);
  bench.change_rate(-46'000);
  for (int i = 0; i < 20 && !bench.estimator.in_doubt(); ++i) bench.announce_later(s(1));
  REQUIRE(bench.estimator.in_doubt());
  const EstimatorBench::Exchange told_late = bench.exchange();
  bench.now = bench.now + ms(900);
  CHECK(bench.estimator.add_exchange(told_late.there, told_late.back));
  bench.announce_later(ms(100));
  CHECK(magnitude(bench.estimator.delay() - us(8)) < us(2));
  CHECK(magnitude(bench.error()) < us(2));
  CHECK(bench.estimator.at(bench.now).error < us(20));
}

TEST_CASE("estimator: what was held up before a doubt does not count in it, whenever it is told") {
  for (const bool told_before : {true, false}) {
    CAPTURE(told_before);
    EstimatorBench bench = settled();
    hold_up(bench, true);
    EstimatorBench::Exchange old[] = {bench.exchange(), bench.exchange()};
    const auto tell = [&] {
      for (const auto& e : old) static_cast<void>(bench.estimator.add_exchange(e.there, e.back));
    };
    if (told_before) tell();
    step(bench, ms(-1));
    if (!told_before) tell();
    CHECK_FALSE(bench.ask());
    CHECK_FALSE(bench.ask());
    CHECK(bench.estimator.in_doubt());
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
  for (const Duration interval : {ms(125), s(1), s(16), s(64)}) {
    CAPTURE(interval.to_seconds());
    EstimatorBench bench = settled(interval);
    step(bench, ms(-1));
    for (int i = 0; i < 7; ++i) bench.announce_later(interval);
    hold_up(bench, true);
    CHECK_FALSE(bench.ask());
    for (int i = 0; i < 15; ++i) bench.announce_later(interval);
    CHECK(bench.estimator.in_doubt());
    bench.announce_later(interval);
    CHECK_FALSE(bench.estimator.in_doubt());
    for (int i = 0; i < 3; ++i) bench.announce_later(interval);
    CHECK(magnitude(bench.error()) < us(60));  // it was no longer way
  }
}

TEST_CASE(
    "estimator: three announcements of which each is later than the one before are asked about") {
  for (const bool rises : {true, false}) {
    CAPTURE(rises);
    EstimatorBench bench = settled();
    REQUIRE(bench.estimator.eagerness() == Eagerness::rare);
    for (const std::int64_t late : {rises ? 400 : 800, 600, rises ? 800 : 400}) {
      CHECK(bench.estimator.eagerness() == Eagerness::rare);
      bench.network.announcement = sim::exponential(us(100 + late), ns(10));
      bench.announce_later(s(1));
    }
    CHECK((bench.estimator.eagerness() == Eagerness::brisk) == rises);
    CHECK_FALSE(bench.estimator.in_doubt());
  }
}

}  // namespace timecast::test
