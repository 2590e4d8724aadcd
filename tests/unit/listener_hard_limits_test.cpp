// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <cmath>

#include "listener/core/hard_limits.hpp"
#include "tests/simulation/random.hpp"

namespace timecast {
namespace {

Timestamp<Raw> at(double seconds) { return Timestamp<Raw>{Duration::from_seconds(seconds)}; }

HardLimits calm() {
  HardLimits limits;
  limits.expect_wander(0);
  limits.forget_rate();
  return limits;
}

void pass(HardLimits& limits, double seconds, double believed = 0) {
  limits.drift(limits.drift_in(seconds, believed));
  limits.age(seconds);
}

void check(const Limits& limits, double low, double high) {
  CHECK(limits.low == doctest::Approx(low));
  CHECK(limits.high == doctest::Approx(high));
}

// A clock, and exchanges that tell its offset to within 2 us.
class Clock {
 public:
  explicit Clock(double wander = 0) : wander_{wander} {
    limits.expect_wander(wander);
    limits.begin({-1'000, 1'000}, at(0));
  }

  // `change` of the rate each second: by temperature, and by chance.
  void live(int seconds, double change = 0, bool asked = true) {
    for (int i = 1; i <= seconds; ++i) {
      rate += change + wander_ / 8 * random_.normal();
      offset += rate;
      pass(limits, 1, rate);
      if (asked && i % 16 == 0) limits.narrow(around(1'000), at(time_ + i));
      outside += within(limits.offset(), offset) && within(limits.rate(), rate) ? 0 : 1;
    }
    time_ += seconds;
  }
  [[nodiscard]] double width() const { return limits.offset().high - limits.offset().low; }

  HardLimits limits = calm();
  double rate = 0;
  double offset = 0;
  int outside = 0;

 private:
  static bool within(const Limits& of, double x) { return of.low <= x && x <= of.high; }
  [[nodiscard]] Limits around(double way) const { return {offset - way, offset + way}; }

  double wander_;
  sim::Random random_{1};
  double time_ = 0;
};

}  // namespace

TEST_CASE("hard limits: each exchange narrows them, and they drift apart by what the rate may be") {
  HardLimits limits = calm();
  limits.begin({-100, 200}, at(0));
  limits.narrow({-50, 300}, at(0));
  check(limits.offset(), -50, 200);
  pass(limits, 1e-3);
  check(limits.offset(), -150, 300);  // no two crystals are further apart than 100 ppm
  pass(limits, 1e-3, -200'000);
  check(limits.offset(), -350, 400);  // unless one is believed to be
}

TEST_CASE("hard limits: what contradicts them begins anew, and refutes the rate as well") {
  HardLimits limits = calm();
  limits.begin({-100, 200}, at(0));
  limits.narrow({-100, 200}, at(99));
  CHECK(limits.rate().high < 100);
  limits.narrow({300, 400}, at(100));
  check(limits.offset(), 300, 400);
  check(limits.rate(), -100'000, 100'000);
}

TEST_CASE("hard limits: a wander is that of the whole span, and goes on") {
  HardLimits limits;
  limits.expect_wander(32);
  limits.forget_rate();
  limits.begin({-1e3, 1e3}, at(0));
  limits.narrow({-1e3, 1e3}, at(96));
  const double rate = 2e3 / 96 + 32 * 8 + 96.0 / 3 + 0.15 * 96 / 2;
  check(limits.rate(), -rate, rate);
  const double mean = rate + (1 + 0.15) * 1'000 / 2;
  check(limits.drift_in(1'000, 0), -mean * 1'000, mean * 1'000);
  check(limits.drift_in(1'000, 5'000), -mean * 1'000, 5e6);
}

TEST_CASE("hard limits: a rate that is refuted by what is told later counts no more") {
  HardLimits limits = calm();
  limits.begin({-1e3, 1e3}, at(0));
  limits.narrow({-1e3, 1e3}, at(1'000));
  pass(limits, 10, 5'000);
  limits.narrow({0, 50e3}, at(1'010));
  CHECK(limits.rate().high < 1'000);  // that leaves it open
  pass(limits, 90, 5'000);
  limits.narrow({450e3, 550e3}, at(1'100));
  CHECK(limits.rate().low > 300);
}

TEST_CASE("hard limits: a wander that becomes larger has wandered so before") {
  HardLimits limits = calm();
  limits.begin({-100, 100}, at(0));
  limits.narrow({-100, 100}, at(100));
  const double before = limits.rate().high;
  limits.expect_wander(10);
  CHECK(limits.rate().high == doctest::Approx(before + 80));
  limits.expect_wander(0);
  CHECK(limits.rate().high == doctest::Approx(before + 80));
}

TEST_CASE("hard limits: an announcement raises the least, never beyond the most") {
  HardLimits limits = calm();
  limits.begin({-100, 200}, at(0));
  limits.raise(50);
  check(limits.offset(), 50, 200);
  limits.raise(-80);
  check(limits.offset(), 50, 200);
  limits.raise(500);
  check(limits.offset(), 200, 200);
}

TEST_CASE("hard limits: two times tell the least and the most that the rate was") {
  HardLimits limits = calm();
  limits.begin({-1e4, 1e4}, at(0));
  pass(limits, 100);
  limits.narrow({9e4, 10.5e4}, at(100));
  constexpr double kGone = 0.15 * 100 / 2;  // since the mean of that time, by temperature
  check(limits.rate(), 800 - kGone, 1'150 + kGone);
  limits.forget_rate();
  check(limits.rate(), -100'000, 100'000);
}

TEST_CASE("hard limits: of what is told of the rate the narrower counts, until that is old") {
  HardLimits limits = calm();
  limits.begin({-1e3, 1e3}, at(0));
  limits.narrow({-1e3, 1e3}, at(100));
  check(limits.rate(), -20 - 7.5, 20 + 7.5);
  pass(limits, 100);
  check(limits.rate(), -27.5 - 15, 27.5 + 15);
  limits.narrow({-5e3, 5e3}, at(200));
  check(limits.rate(), -42.5, 42.5);  // 45 is what these say
  pass(limits, 100);
  limits.narrow({-4e3, 4e3}, at(300));
  const double said = (1e3 + 4e3) / 300 + 0.15 * 300 / 2;
  check(limits.rate(), -said, said);
}

TEST_CASE("hard limits: a rate that temperature changes stays within, in a silence too") {
  for (const double change : {0.14, -0.14}) {
    Clock clock;
    clock.live(7'200, change);
    clock.live(3'600, change, false);
    CHECK(clock.outside == 0);
    clock.live(3'600, -change);
    CHECK(clock.outside == 0);
  }
}

TEST_CASE("hard limits: a rate that wanders stays within, in a silence of days too") {
  for (const double wander : {1.0, 30.0, 1'000.0}) {
    CAPTURE(wander);
    Clock clock{wander};
    clock.live(7'200);
    clock.live(200'000, 0, false);
    CHECK(clock.outside == 0);
    CHECK(std::abs(clock.rate) > 16 * wander);  // so that it could be
  }
}

TEST_CASE("hard limits: what they leave open is little where exchanges come") {
  Clock steady;
  steady.live(3'600);
  CHECK(steady.limits.rate().high - steady.limits.rate().low < 200);
  CHECK(steady.width() < 2.1e3);
  Clock lively{80};  // a cheap crystal
  lively.live(3'600);
  CHECK(lively.limits.rate().high - lively.limits.rate().low < 4'000);
}

TEST_CASE("hard limits: a new rate is learnt within an hour, whatever the old one was") {
  Clock clock;
  clock.live(4'096);
  clock.rate = 5'000;
  clock.live(3'600);
  CHECK(clock.limits.rate().low > 4'500);
  CHECK(clock.limits.rate().high < 5'500);
}

}  // namespace timecast
