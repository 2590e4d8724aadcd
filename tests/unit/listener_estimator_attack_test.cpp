// SPDX-License-Identifier: MIT
//
// Whoever can delay and drop packets, and no more, may move what is believed. He moves no limit.
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>

#include "tests/unit/listener_estimator_bench.hpp"

namespace timecast::test {
namespace {

enum class Kind : std::uint8_t { none, constant, rising, random, waves, falling, coins };
constexpr int kKinds = 7;

// What he does for a while, and to which packets.
struct Episode {
  Kind kind = Kind::none;
  double size = 0;  // ns
  double from = 0;  // s
  double length = 600;
  double dropped = 0;
  std::array<bool, 3> ways{};  // announcements, there, back

  [[nodiscard]] double delay(double now, sim::Random& random) const {
    const double part = (now - from) / length;
    switch (kind) {
      case Kind::none: return 0;
      case Kind::constant: return size;
      case Kind::rising: return size * part;
      case Kind::random: return size * random.uniform();
      case Kind::waves: return std::fmod(now - from, 20) < 10 ? size : 0;
      case Kind::falling: return size * std::max(0.0, 1 - part);
      case Kind::coins: return random.uniform() < 0.5 ? size : 0;
    }
    return 0;
  }
};

class Attacked {
 public:
  explicit Attacked(std::uint64_t seed)
      : dice_{seed * 7'919 + 1}, quiet_{some_network(dice_)}, bench{alike(quiet_), seed} {
    bench.network = {slowed(0), slowed(1), slowed(2)};
    constexpr std::array<std::int64_t, 6> kIntervals{125, 1'000, 1'000, 1'000, 16'000, 64'000};
    bench.interval = ms(kIntervals[static_cast<std::size_t>(dice_.uniform() * 6)]);
    size_ = std::pow(10, 3 + 3 * dice_.uniform());
    if (seed % 2 == 0) wander_ = std::pow(10, -1.5 + 2.5 * dice_.uniform());
    if (seed % 4 > 1) episode_.length = 0;  // he is there from the beginning
    if (seed % 3 == 0) bench.told_later = s(40);
    bench.ppb = 180'000 * (dice_.uniform() - 0.5);
  }
  Attacked(const Attacked&) = delete;
  Attacked& operator=(const Attacked&) = delete;
  ~Attacked() = default;
  Attacked(Attacked&&) = delete;
  Attacked& operator=(Attacked&&) = delete;

  // One announcement, or the silence in its place; returns whether the truth is within the limits.
  bool live() {
    now_ = bench.now.since_epoch().to_seconds();
    if (now_ > episode_.from + episode_.length) begin_episode();
    bench.change_rate(wander_ * std::sqrt(bench.interval.to_seconds()) * dice_.normal());
    if (episode_.kind != Kind::none && dice_.uniform() < episode_.dropped) {
      bench.now = bench.now + bench.interval;
    } else {
      bench.live(1);
    }
    if (!bench.estimator.confirmed()) return true;
    const Estimate estimate = bench.estimator.at(bench.now);
    return magnitude(bench.error()) <= estimate.error + bench.estimator.hard_error(bench.now);
  }

 private:
  static sim::Delay some_network(sim::Random& dice) {
    const double base = std::pow(10, 4 + 2 * dice.uniform());
    const double late = base * std::pow(10, -2 + 2 * dice.uniform());
    return sim::exponential(Duration::from_seconds(base * 1e-9),
                            Duration::from_seconds(late * 1e-9));
  }
  sim::Delay slowed(std::size_t way) {
    return [this, way](sim::Random& random, Duration at) {
      const double more = episode_.ways[way] ? episode_.delay(at.to_seconds(), random) : 0;
      return quiet_(random, at) + Duration::from_seconds(more * 1e-9);
    };
  }
  void begin_episode() {
    episode_.kind = static_cast<Kind>(dice_.uniform() * kKinds);
    episode_.size = size_ * std::pow(10, 2 * dice_.uniform() - 0.5);
    episode_.from = now_;
    const double intervals = 20 * dice_.uniform() * bench.interval.to_seconds();
    episode_.length = std::max(std::pow(10, 1 + 2.2 * dice_.uniform()), intervals);
    episode_.dropped = dice_.uniform() < 0.4 ? dice_.uniform() : 0;
    bench.exchanges_lost = dice_.uniform() < 0.4 ? std::min(1.0, 2 * dice_.uniform()) : 0;
    for (bool& way : episode_.ways) way = dice_.uniform() < 0.5;
  }

  sim::Random dice_;
  sim::Delay quiet_;
  Episode episode_{.from = 5'000};
  double size_ = 0;
  double now_ = 0;
  double wander_ = 0;  // ppb per root of a second

 public:
  EstimatorBench bench;
};

// Whoever has made the estimate believe in another rate may then drop everything: how often it is
// outside within ten minutes of that, for all sets of ways that he has delayed.
int outside_in_silence(Episode episode) {
  const sim::Delay usual = sim::exponential(us(100), us(10));
  const sim::Delay slow = [&](sim::Random& random, Duration at) {
    return usual(random, at) +
           Duration::from_seconds(episode.delay(at.to_seconds(), random) * 1e-9);
  };
  int outside = 0;
  for (unsigned ways = 1; ways < 8; ++ways) {
    EstimatorBench bench{alike(usual)};
    bench.live(900);
    episode.from = bench.now.since_epoch().to_seconds();
    bench.network = {(ways & 1U) != 0 ? slow : usual, (ways & 2U) != 0 ? slow : usual,
                     (ways & 4U) != 0 ? slow : usual};
    bench.live(static_cast<int>(episode.length));
    for (int i = 0; i < 60; ++i) {
      bench.now = bench.now + s(10);
      const Estimate estimate = bench.estimator.at(bench.now);
      const Duration bound = estimate.error + bench.estimator.hard_error(bench.now);
      if (magnitude(bench.error()) > bound) ++outside;
    }
  }
  return outside;
}

// For two hours no exchange comes through any more, the announcer's clock changes its rate, by so
// much each second and by chance, and announcements are delayed by just what comes of that. Returns
// how often it was outside of the limits, whatever the estimate says of its own error.
int outside_in_hiding(const sim::Delay& usual, double change, double wander,
                      std::int64_t slept_s = 0, std::uint64_t seed = 1) {
  double hidden = 0;  // ns
  EstimatorBench bench{{[&](sim::Random& random, Duration at) {
                          return usual(random, at) + Duration::from_seconds(hidden * 1e-9);
                        },
                        usual, usual},
                       seed};
  double rate = 0;
  const auto live = [&](double more) {
    bench.change_rate(more);
    rate += more;
    bench.live(1);
  };
  for (int i = 0; i < 7'200; ++i) live(wander * bench.random.normal());
  rate = 0;
  if (slept_s > 0) {
    bench.estimator.forget_offset(s(slept_s));
    rate = 0.14 * static_cast<double>(slept_s);
    bench.change_rate(rate);
    bench.live(5);
  }
  bench.exchanges_lost = 1;
  int outside = 0;
  for (int i = 0; i < 7'200; ++i) {
    live(change + wander * bench.random.normal());
    hidden = std::max(hidden + rate, 0.0);
    if (magnitude(bench.error()) > bench.estimator.hard_error(bench.now) + ns(20)) ++outside;
  }
  return outside;
}

}  // namespace

TEST_CASE("estimator: no delay, however it comes and goes, takes the truth out of the limits") {
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    CAPTURE(seed);
    Attacked attacked{seed};
    int outside = 0;
    for (int i = 0; i < 3'000; ++i) outside += attacked.live() ? 0 : 1;
    CHECK(outside == 0);
  }
}

TEST_CASE("estimator: no delay takes the truth out of the limits in a silence behind it either") {
  for (const Kind kind : {Kind::rising, Kind::random, Kind::constant}) {
    for (const double size : {30e3, 100e3, 300e3, 1e6, 3e6}) {
      for (const double length : {10, 20, 40, 80, 160, 400}) {
        CAPTURE(static_cast<int>(kind));
        CAPTURE(size);
        CAPTURE(length);
        CHECK(outside_in_silence({.kind = kind, .size = size, .length = length}) == 0);
      }
    }
  }
}

TEST_CASE("estimator: no delay that hides what temperature does takes the truth out of limits") {
  CHECK(outside_in_hiding(sim::exponential(ns(1'200), ns(100)), 0.14, 0) == 0);
  CHECK(outside_in_hiding(sim::exponential(us(100), us(10)), 0.14, 0) == 0);
}

TEST_CASE("estimator: no delay that hides how a rate wanders takes the truth out of limits") {
  for (const double wander : {10.0, 100.0, 1'000.0}) {
    CAPTURE(wander);
    for (std::uint64_t seed = 1; seed <= 6; ++seed) {
      CAPTURE(seed);
      CHECK(outside_in_hiding(sim::exponential(us(100), us(10)), 0, wander, 0, seed) == 0);
    }
  }
}

TEST_CASE("estimator: no delay that hides what a sleep did takes the truth out of limits") {
  for (const std::int64_t slept_s : {3'600, 28'800}) {
    CAPTURE(slept_s);
    CHECK(outside_in_hiding(sim::exponential(us(100), us(10)), 0, 0, slept_s) == 0);
    CHECK(outside_in_hiding(sim::exponential(ns(1'200), ns(100)), 0, 0, slept_s) == 0);
  }
}

TEST_CASE("estimator: announcements that are late alike since a jump limit nothing") {
  EstimatorBench bench{alike(sim::exponential(us(100), us(1)))};
  bench.live(60);
  bench.estimator.forget_offset();
  bench.ahead = bench.ahead + s(1);
  bench.network.announcement = sim::exponential(us(400), us(1));
  bench.announce_later(s(1));
  bench.network.back = bench.network.announcement;
  static_cast<void>(bench.ask());
  const Estimate estimate = bench.estimator.at(bench.now);
  CHECK(magnitude(bench.error()) <= estimate.error + bench.estimator.hard_error(bench.now));
  CHECK(bench.estimator.hard_error(bench.now) < us(600));
}

}  // namespace timecast::test
