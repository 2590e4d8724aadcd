// SPDX-License-Identifier: MIT
//
// What the estimator says of its own knowledge: where little has been seen, and where what has been
// seen is old or may mislead.
#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <cstdint>
#include <string_view>

#include "tests/unit/listener_estimator_bench.hpp"

namespace timecast::test {
namespace {

const Network kSilent = alike(sim::constant(us(100)));
const Network kQuiet = alike(sim::exponential(us(100), us(10)));

double nanoseconds(Duration d) { return static_cast<double>(d.count_ns()); }

// The rate walks: so much a square root of a second.
void live_walking(EstimatorBench& bench, int announcements, double wander) {
  for (int i = 0; i < announcements; ++i) {
    bench.live(1);
    bench.change_rate(wander * bench.random.normal());
  }
}

}  // namespace

TEST_CASE("estimator: in its first minute, too, the error covers the truth") {
  struct Row {
    std::string_view name;
    Network network;
    int most;  // of 12'000 seconds
  };
  const Row rows[] = {
      {"quiet", kQuiet, 10},
      {"a busy switch", alike(sim::exponential(us(150), us(300))), 10},
      {"slow and busy", alike(sim::exponential(us(150), ms(3))), 60},
      {"no edge, and one way blunter",
       {sim::gaussian(us(300), us(20)), sim::gaussian(us(300), us(20)),
        sim::gaussian(us(300), us(40))},
       10},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    int missed = 0;
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
      EstimatorBench bench{row.network, seed};
      bench.live(2);
      bench.live(60, [&] {
        if (magnitude(bench.error()) > bench.estimator.at(bench.now).error) ++missed;
      });
    }
    CHECK(missed <= row.most);
  }
}

// Both have the same mean: where the edge of the blunt one lies is a matter of opinion.
TEST_CASE("estimator: ways whose edges are not alike may mislead, and the error says how far") {
  for (const std::uint64_t seed : {1U, 2U, 3U}) {
    EstimatorBench bench{
        {sim::gaussian(ms(1), us(5)), sim::gaussian(ms(1), us(150)), sim::gaussian(ms(1), us(5))},
        seed};
    bench.live(2'000);
    CHECK(magnitude(bench.error()) < us(150));
    CHECK(magnitude(bench.error()) < bench.estimator.at(bench.now).error);
    CHECK(bench.estimator.at(bench.now).error < us(400));
  }
}

TEST_CASE("estimator: in silence the uncertainty grows as the rate walks") {
  for (const double wander : {0.3, 3.0, 30.0}) {
    CAPTURE(wander);
    constexpr int kSeeds = 20;
    constexpr int kSilence = 3'600;
    double square = 0;  // of errors, over what was said
    for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
      EstimatorBench bench{kQuiet, seed};
      live_walking(bench, 2'000, wander);
      const Estimate said = bench.estimator.at(bench.now + s(kSilence));
      for (int i = 0; i < kSilence; ++i) {
        bench.now = bench.now + s(1);
        bench.change_rate(wander * bench.random.normal());
      }
      const Duration error = said.ahead - bench.truth(bench.now);
      CHECK(magnitude(error) < said.error);
      const double ratio = nanoseconds(error) / nanoseconds(said.sigma);
      square += ratio * ratio / kSeeds;
    }
    CHECK(square > 0.3);
    CHECK(square < 3);
  }
}

TEST_CASE("estimator: what is hard becomes no wider than the quickest round trip allows") {
  for (const double ppb : {20'000.0, -90'000.0}) {
    CAPTURE(ppb);
    EstimatorBench bench{kQuiet};
    bench.ppb = ppb;
    bench.live(3'000);
    CHECK(bench.estimator.hard_error(bench.now) < us(120));
    CHECK(bench.estimator.hard_error(bench.now) > us(95));  // half of it
  }
}

TEST_CASE("estimator: what announcements alone tell is as good as what is assumed of them") {
  EstimatorBench bench{kQuiet};
  bench.estimator.restart(us(100), us(200));
  for (int i = 0; i < 500; ++i) bench.announce_later(s(1));
  CHECK(bench.estimator.at(bench.now).error >= us(200));
  CHECK(bench.estimator.at(bench.now).error < us(210));
}

TEST_CASE("estimator: what is hard grows no wider for those who never ask and always hear") {
  EstimatorBench bench{kQuiet};
  bench.estimator.restart(us(100), us(200));
  for (int i = 0; i < 5; ++i) bench.announce_later(s(1));
  const Duration soon = bench.estimator.hard_error(bench.now);
  for (int i = 0; i < 500; ++i) bench.announce_later(s(600));
  CHECK(soon >= us(50));
  CHECK(soon < us(300));
  CHECK(bench.estimator.hard_error(bench.now) < us(300));
}

TEST_CASE("estimator: announcements that were overtaken are read by the rate") {
  for (const double ppb : {400'000.0, -400'000.0}) {
    CAPTURE(ppb);
    EstimatorBench bench{kQuiet};
    bench.ppb = ppb;
    bench.live(500);
    const Duration said = bench.estimator.at(bench.now).error;
    std::array<Sample, 10> overtaken;
    for (Sample& sample : overtaken) {
      bench.now = bench.now + s(1);
      sample = bench.announcement();
    }
    bench.announce_later(s(1));
    for (const Sample& sample : overtaken) bench.estimator.add_announcement(sample);
    CHECK_FALSE(bench.estimator.in_doubt());
    CHECK(magnitude(bench.error()) < us(3));
    CHECK(bench.estimator.at(bench.now).error < said + us(5));
  }
}

TEST_CASE("estimator: a floor that rises within the noise is found by its exchanges") {
  for (const std::uint64_t seed : {1U, 2U}) {
    EstimatorBench bench{alike(sim::exponential(us(500), ms(1))), seed};
    bench.live(6'000);
    bench.network = alike(sim::exponential(us(700), ms(1)));
    int brisk = 0;
    bench.live(3'000, [&] {
      if (bench.estimator.eagerness() == Eagerness::brisk) ++brisk;
    });
    CHECK(brisk >= 16);
    CHECK(brisk <= 128);
    CHECK(magnitude(bench.estimator.unicast_delay() - us(700)) < us(40));
    CHECK(magnitude(bench.error()) < us(40));
  }
}

TEST_CASE("estimator: asks briskly 300 times and no more where there is no edge to find") {
  EstimatorBench bench{alike(sim::gaussian(ms(8), ms(1)))};
  bench.live(290);
  CHECK(bench.estimator.eagerness() == Eagerness::brisk);
  bench.live(310);
  CHECK(bench.estimator.eagerness() == Eagerness::rare);
  CHECK(bench.asked >= 300);
  CHECK(bench.asked < 330);
}

TEST_CASE("estimator: one exchange is enough on the quickest of networks") {
  EstimatorBench bench{alike(sim::constant(us(5)))};
  bench.announce();
  CHECK(bench.ask());
  CHECK(magnitude(bench.error()) < ns(10));
  CHECK(magnitude(bench.estimator.unicast_delay() - us(5)) < ns(10));
}

TEST_CASE("estimator: a first exchange that was held up warns of what may come") {
  EstimatorBench bench{kSilent};
  bench.announce();
  bench.network.there = sim::constant(ms(40));
  CHECK(bench.ask());
  bench.network = kSilent;
  CHECK(bench.ask());
  CHECK(bench.estimator.noise(Way::announcement).late() > 1e6);
  CHECK(magnitude(bench.error()) < us(1));
}

TEST_CASE("estimator: begun anew, it doubts nothing of before") {
  EstimatorBench bench{kQuiet};
  bench.live(2'000);
  bench.ahead = bench.ahead + ms(5);
  for (int i = 0; i < 4; ++i) bench.announce_later(s(1));
  REQUIRE(bench.estimator.in_doubt());
  bench.estimator.forget_offset();
  CHECK_FALSE(bench.estimator.in_doubt());
  bench.announce_later(s(1));
  CHECK_FALSE(bench.estimator.in_doubt());
  CHECK(magnitude(bench.error()) < us(100));
  CHECK(bench.estimator.at(bench.now).error < ms(1));
}

TEST_CASE(
    "estimator: with nobody to ask, the error is small again soon after a step of the clock") {
  for (const Duration step : {ms(50), ms(-50)}) {
    CAPTURE(step.count_ns());
    EstimatorBench bench{alike(sim::exponential(us(100), us(10)))};
    bench.estimator.restart(us(110), us(20));
    for (int i = 0; i < 300; ++i) bench.announce_later(s(1));
    const Duration before = bench.estimator.at(bench.now).error;
    bench.ahead = bench.ahead + step;
    for (int i = 0; i < 300; ++i) bench.announce_later(s(1));
    CHECK(magnitude(bench.error()) < us(100));
    CHECK(bench.estimator.at(bench.now).error < before + before);
  }
}

TEST_CASE("estimator: a quiet network is asked briskly until its limits hold still") {
  for (const Duration base : {ns(1'200), us(20), us(100)}) {
    CAPTURE(base.count_ns());
    EstimatorBench bench{alike(sim::exponential(base, base / 12))};
    bench.live(10);
    Duration widest{};
    bench.live(170, [&] { widest = std::max(widest, bench.estimator.hard_error(bench.now)); });
    CHECK(widest < base + base + base + us(20));
    CHECK(bench.asked < 110);
  }
}

TEST_CASE("estimator: in a silence the limits open by what is learnt of the wander") {
  EstimatorBench bench{alike(sim::exponential(us(100), us(10)))};
  live_walking(bench, 3'600, 30);
  constexpr double kSilence = 1'000;                                                      // s
  const double walk = 8 * bench.estimator.wander() * (8 + kSilence / 32 / 2) * kSilence;  // ns
  const Duration hard = bench.estimator.hard_error(bench.now + Duration::from_seconds(kSilence));
  CHECK(nanoseconds(hard) > walk);
  CHECK(nanoseconds(hard) < 1.8 * walk);
}

TEST_CASE("estimator: a lively oscillator on a quiet network is not asked after for ever") {
  struct Row {
    double wander;
    std::uint32_t most;
  };
  for (const Row& row : {Row{3, 60}, Row{80, 120}, Row{300, 120}}) {
    CAPTURE(row.wander);
    for (std::uint64_t seed = 1; seed <= 4; ++seed) {
      CAPTURE(seed);
      EstimatorBench bench{alike(sim::exponential(ns(1'200), ns(120))), seed};
      live_walking(bench, 600, row.wander);
      CHECK(bench.asked < row.most);
      live_walking(bench, 1'800, row.wander);
      CHECK(magnitude(bench.estimator.unicast_delay()) < us(10));
    }
  }
}

}  // namespace timecast::test
