// SPDX-License-Identifier: MIT
//
// Replies that say when they were meant to leave, written before it was known, and the word of when
// they truly left, which comes with the next reply.
#include <doctest/doctest.h>

#include "tests/unit/listener_estimator_bench.hpp"

namespace timecast::test {
namespace {

constexpr Duration kDeviation = Duration::microseconds(50);

// A wire of about a microsecond.
EstimatorBench quick_wire() { return EstimatorBench{alike(sim::exponential(ns(700), ns(500)))}; }

// The exchange that begins now, as a reply tells it that was written `ahead` of its departure.
EstimatorBench::Exchange written(EstimatorBench& bench, Duration ahead) {
  EstimatorBench::Exchange e = bench.exchange();
  e.back.ahead = e.back.ahead + ahead;
  e.back.deviation = kDeviation;
  return e;
}

}  // namespace

TEST_CASE(
    "written: one departure that was written wrong leaves the truth within error and limits") {
  for (const Duration ahead : {us(-60), us(-11), us(30), us(150)}) {
    CAPTURE(ahead.count_ns());
    EstimatorBench bench = quick_wire();
    bench.announce();
    const auto e = written(bench, ahead);
    CHECK(bench.estimator.add_exchange(e.there, e.back));
    bench.now = e.back.at;
    CHECK(magnitude(bench.error()) <= bench.estimator.at(bench.now).error);
    CHECK(magnitude(bench.error()) <= bench.estimator.hard_error(bench.now));
  }
}

TEST_CASE("written: told exactly, the exchange that all began with makes all begin anew") {
  EstimatorBench bench = quick_wire();
  bench.announce();
  const auto exact = bench.exchange();
  auto rough = exact;
  rough.back.ahead = rough.back.ahead + us(30);
  rough.back.deviation = kDeviation;
  CHECK(bench.estimator.add_exchange(rough.there, rough.back));
  CHECK(bench.estimator.begun_roughly());
  bench.now = rough.back.at;
  CHECK(magnitude(bench.error()) > us(10));
  CHECK(bench.estimator.add_exchange(exact.there, exact.back));
  CHECK_FALSE(bench.estimator.begun_roughly());
  CHECK(magnitude(bench.error()) < us(3));
  CHECK(magnitude(bench.error()) <= bench.estimator.hard_error(bench.now));
}

TEST_CASE("written: where the wire is slower than that, an exchange counts once") {
  EstimatorBench bench{alike(sim::exponential(ms(1), ms(1)))};
  bench.announce();
  const auto exact = bench.exchange();
  auto rough = exact;
  rough.back.deviation = kDeviation;
  CHECK(bench.estimator.add_exchange(rough.there, rough.back));
  bench.now = rough.back.at;
  const Estimate before = bench.estimator.at(bench.now);
  CHECK(bench.estimator.add_exchange(exact.there, exact.back));
  CHECK(bench.estimator.at(bench.now).ahead == before.ahead);
  CHECK(bench.estimator.at(bench.now).sigma == before.sigma);
}

TEST_CASE("written: among exact ones it moves the estimate less than a microsecond") {
  for (const Duration ahead : {us(-60), us(-15), us(15), us(60)}) {
    CAPTURE(ahead.count_ns());
    EstimatorBench bench = quick_wire();
    bench.live(120);
    const Duration before = bench.error();
    const auto e = written(bench, ahead);
    CHECK(bench.estimator.add_exchange(e.there, e.back));
    bench.now = e.back.at;
    CHECK(magnitude(bench.error() - before) < us(1));
    CHECK(magnitude(bench.error()) <= bench.estimator.hard_error(bench.now));
  }
}

TEST_CASE("written: where all departures are, neither offset nor delay follows what they are off") {
  EstimatorBench bench = quick_wire();
  bench.live(120);
  for (int i = 0; i < 120; ++i) {
    bench.announce_later(s(1));
    const auto e = written(bench, us(i % 2 == 0 ? -25 : 35));
    CHECK(bench.estimator.add_exchange(e.there, e.back));
    bench.now = e.back.at;
    CHECK(magnitude(bench.error()) < us(3));
    CHECK(magnitude(bench.estimator.unicast_delay()) < us(3));
  }
}

TEST_CASE("written: the limits hold the truth though all departures so far were written alike") {
  for (const Duration ahead : {us(150), us(-150), us(60)}) {
    CAPTURE(ahead.count_ns());
    EstimatorBench bench{alike(sim::exponential(us(100), us(2)))};
    bench.announce();
    for (int i = 0; i < 6; ++i) {
      const auto e = written(bench, ahead);
      static_cast<void>(bench.estimator.add_exchange(e.there, e.back));
      bench.now = e.back.at;
      CHECK(magnitude(bench.error()) <= bench.estimator.hard_error(bench.now));
    }
  }
}

TEST_CASE("written: of a doubt that is large beside it, it can tell") {
  for (const auto& [step, tells] : {std::pair{us(100), false}, std::pair{ms(5), true}}) {
    EstimatorBench bench = quick_wire();
    bench.live(120);
    bench.ahead = bench.ahead + step;
    for (int i = 0; i < 12; ++i) bench.announce_later(s(1));
    CHECK(bench.estimator.in_doubt());
    CHECK(bench.estimator.in_doubt_by_far(kDeviation) == tells);
  }
}

}  // namespace timecast::test
