// SPDX-License-Identifier: MIT
//
// Networks that become quieter, or of another kind, and oscillators that noise could explain.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <numbers>
#include <span>
#include <string_view>

#include "tests/unit/listener_estimator_bench.hpp"

namespace timecast::test {
namespace {

constexpr int kLearning = 1'000;
constexpr int kMoved = 600;  // by then it has followed
constexpr int kWatched = 1'200;

Network detour() {
  Network network = alike(sim::exponential(us(100), us(10)));
  network.announcement = sim::exponential(ms(1), us(10));
  return network;
}

Network uneven() {
  Network network = alike(sim::exponential(us(100), us(100)));
  network.back = sim::exponential(us(100), us(10));
  return network;
}

struct Seen {
  Duration worst_then;  // from kMoved on
  int beyond = 0;       // seconds in which the error was larger than it said
};

Seen move(const Network& before, const Network& after, std::uint64_t seed) {
  EstimatorBench bench{before, seed};
  bench.live(kLearning);
  bench.network = after;
  Seen seen;
  int second = 0;
  bench.live(kMoved + kWatched, [&] {
    const Duration error = magnitude(bench.error());
    if (++second > kMoved) seen.worst_then = std::max(seen.worst_then, error);
    if (error > bench.estimator.at(bench.now).error) ++seen.beyond;
  });
  return seen;
}

struct Change {
  std::string_view name;
  Network before;
  Network after;
  Duration most;  // that it is off once it has followed
};

void check_is_learnt(std::span<const Change> changes, std::uint64_t seeds) {
  for (const Change& change : changes) {
    CAPTURE(change.name);
    for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
      CAPTURE(seed);
      const Seen seen = move(change.before, change.after, seed);
      CHECK(seen.worst_then < change.most);
      CHECK(seen.beyond <= 2);
    }
  }
}

}  // namespace

TEST_CASE("estimator: a network that becomes quieter is used as such ten minutes later") {
  const Change changes[] = {
      {"Wi-Fi, then a LAN", alike(sim::exponential(ms(1), ms(1))),
       alike(sim::exponential(us(100), us(20))), us(12)},
      {"quieter alone", alike(sim::exponential(us(300), us(200))),
       alike(sim::exponential(us(300), us(20))), us(2)},
      {"a bell, then an edge", alike(sim::gaussian(ms(2), us(300))),
       alike(sim::exponential(us(300), us(20))), us(50)},
      {"a narrower bell", alike(sim::gaussian(ms(2), us(300))),
       alike(sim::gaussian(us(300), us(20))), us(150)},
  };
  check_is_learnt(changes, 6);
}

TEST_CASE("estimator: where an edge becomes a bell it says how wrong it may be") {
  struct Row {
    std::string_view name;
    Network before;
    Network after;
  };
  const Row rows[] = {
      {"20 us", alike(sim::exponential(us(100), us(20))), alike(sim::gaussian(us(300), us(20)))},
      {"300 us", alike(sim::exponential(us(300), us(200))), alike(sim::gaussian(ms(2), us(300)))},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    for (std::uint64_t seed = 1; seed <= 6; ++seed) {
      CAPTURE(seed);
      CHECK(move(row.before, row.after, seed).beyond <= (kMoved + kWatched) / 200);
    }
  }
}

TEST_CASE("estimator: a network of another kind is learnt within ten minutes") {
  const Network wide_bell = alike(sim::gaussian(ms(2), us(300)));
  const Change changes[] = {
      {"a detour, then a wide bell", detour(), wide_bell, us(20)},
      {"a queue, then a bell", alike(sim::exponential(us(100), us(10))),
       alike(sim::gaussian(us(300), us(100))), us(60)},
      {"a wide bell, then a sharp edge", wide_bell, alike(sim::exponential(us(100), us(2))),
       us(20)},
  };
  check_is_learnt(changes, 4);
}

TEST_CASE(
    "estimator: a way to the announcer that is longer for a quarter of an hour moves no clock") {
  for (const std::uint64_t seed : {1U, 2U, 3U, 4U}) {
    CAPTURE(seed);
    EstimatorBench bench{alike(sim::exponential(us(100), us(20))), seed};
    bench.live(kLearning);
    bench.network.there = sim::exponential(us(600), us(200));
    Duration worst;
    const auto watch = [&] { worst = std::max(worst, magnitude(bench.error())); };
    bench.live(900, watch);
    bench.network.there = bench.network.back;
    bench.live(300, watch);
    CHECK(worst < us(20));
  }
}

TEST_CASE("estimator: a rate that swings is taken for no other network") {
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    CAPTURE(seed);
    EstimatorBench bench{uneven(), seed};
    bench.live(kLearning);
    Duration worst;
    constexpr double kTurn = 2 * std::numbers::pi / 600;
    for (int i = 0; i < kWatched; ++i) {
      bench.live(1, [&] { worst = std::max(worst, magnitude(bench.error())); });
      bench.change_rate(5'000 * (std::sin((i + 1) * kTurn) - std::sin(i * kTurn)));
    }
    CHECK(worst < us(200));
  }
}

TEST_CASE("estimator: on a bell a jump of the rate is followed by what exchanges contradict") {
  for (const std::uint64_t seed : {1U, 2U, 3U, 4U}) {
    CAPTURE(seed);
    EstimatorBench bench{alike(sim::gaussian(us(300), us(20))), seed};
    bench.live(kLearning);
    bench.change_rate(-10'000);
    bench.live(kWatched, [&] { CHECK(magnitude(bench.error()) < us(300)); });
  }
}

TEST_CASE("estimator: who asks nobody takes no doubtful clock for a quieter network") {
  for (const std::uint64_t seed : {7U, 37U}) {  // it would with these
    CAPTURE(seed);
    EstimatorBench bench{alike(sim::gaussian(us(300), us(20))), seed};
    bench.exchanges_lost = 1;
    bench.live(1'000);
    bench.live(1'000, [&] { CHECK(magnitude(bench.error()) < us(900)); });
  }
}

TEST_CASE("estimator: a clock that steps to and fro is no noise") {
  for (const Duration step : {ms(1), ms(10), s(10)}) {
    CAPTURE(step.to_seconds());
    EstimatorBench bench{alike(sim::exponential(us(100), us(10)))};
    bench.live(1'000);
    const double late = bench.estimator.noise(Way::announcement).late();
    bench.ahead = bench.ahead + step;
    bench.live(10);
    bench.ahead = bench.ahead - step;
    bench.live(120);
    CHECK(bench.estimator.noise(Way::announcement).late() < 2 * late);
    CHECK(magnitude(bench.error()) < us(5));
  }
}

TEST_CASE("estimator: no error grows for ever because wider noise would explain it") {
  for (const std::uint64_t seed : {1U, 2U, 3U, 6U, 14U, 26U, 45U, 74U, 88U}) {
    CAPTURE(seed);
    EstimatorBench bench{alike(sim::exponential(us(100), us(10))), seed};
    Duration worst;
    for (int i = 0; i < 2'000; ++i) {
      bench.change_rate(1'000 * bench.random.normal());
      bench.live(1, [&] {
        if (i >= 1'000) worst = std::max(worst, magnitude(bench.error()));
      });
    }
    CHECK(worst < ms(1));
  }
}

TEST_CASE("estimator: an answer says that a clock has jumped, though hosts were woken for it") {
  EstimatorBench bench{alike(sim::exponential(us(8), ns(300)))};
  bench.live(600);
  bench.change_rate(-46'000);
  for (int i = 0; i < 3; ++i) bench.announce_later(s(1));
  bench.network.there = bench.network.back = sim::exponential(us(10), ns(300));
  bench.now = bench.now + ms(200);
  CHECK(bench.ask());
  bench.announce_later(ms(800));
  CHECK(magnitude(bench.error()) < us(60));
}

TEST_CASE("estimator: another rate is told as an error from its fourth announcement on") {
  EstimatorBench bench{alike(sim::exponential(us(8), ns(300)))};
  bench.live(600);
  bench.exchanges_lost = 1;
  bench.change_rate(-46'000);
  bench.live(4);
  for (int i = 0; i < 8; ++i) {
    CAPTURE(i);
    bench.live(
        1, [&] { CHECK(magnitude(bench.error()) < bench.estimator.at(bench.now).error + us(46)); });
  }
}

}  // namespace timecast::test
