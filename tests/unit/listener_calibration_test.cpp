// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <cmath>
#include <ostream>
#include <string_view>

#include "listener/core/calibration.hpp"
#include "tests/simulation/random.hpp"

namespace timecast {
namespace {

Duration us(std::int64_t n) { return Duration::microseconds(n); }
Duration ms(std::int64_t n) { return Duration::milliseconds(n); }
Duration s(std::int64_t n) { return Duration::seconds(n); }
Timestamp<Raw> raw(Duration since) { return Timestamp<Raw>{s(1'000) + since}; }

constexpr Duration kOffset = Duration::seconds(5);

// An announcement and an exchange between clocks of one rate, `kOffset` apart.
Sample announced(Duration since, Duration delay) {
  return {raw(since + delay), kOffset - delay, Duration{}};
}
Exchange exchanged(Duration since, Duration there, Duration back) {
  const Duration turnaround = us(30);
  return {raw(since), kOffset + there, raw(since + there + turnaround + back), kOffset - back,
          Duration{}};
}

Estimator line(Duration delay, int count = 40) {
  Estimator estimator;
  for (int i = 0; i < count; ++i) estimator.add(announced(s(i), delay));
  return estimator;
}

}  // namespace

TEST_CASE("calibration: a symmetric path is measured exactly") {
  for (const Duration delay : {Duration{}, us(50), ms(3)}) {
    CAPTURE(delay.count_ns());
    const Estimator estimator = line(delay);
    Calibration calibration;
    CHECK(calibration.count() == 0);
    for (int i = 0; i < 20; ++i)
      static_cast<void>(calibration.add(exchanged(s(30 + i), delay, delay), estimator));
    CHECK(calibration.count() == 10);
    CHECK(magnitude(calibration.base().delay - delay) <= us(1));
    CHECK(magnitude(calibration.base().round_trip - delay * 2) <= us(1));
    CHECK(calibration.base().error <= us(10) + delay / 20);
  }
}

TEST_CASE("calibration: announcements may take another time than exchanges") {
  const Estimator estimator = line(ms(51));  // held back until a beacon
  Calibration calibration;
  for (int i = 0; i < 8; ++i)
    static_cast<void>(calibration.add(exchanged(s(30 + i), us(700), us(700)), estimator));
  CHECK(magnitude(calibration.base().delay - ms(51)) <= us(1));
  CHECK(magnitude(calibration.base().round_trip - us(1'400)) <= us(1));
}

TEST_CASE("calibration: asymmetry is invisible and never more than half the round trip") {
  for (const std::int64_t there_us : {0, 100, 900, 1'000}) {
    const Duration there = us(there_us);
    const Duration back = us(1'000) - there;
    const Estimator estimator = line(back);
    Calibration calibration;
    for (int i = 0; i < 8; ++i)
      static_cast<void>(calibration.add(exchanged(s(30 + i), there, back), estimator));
    const BaseDelay base = calibration.base();
    CHECK(magnitude(base.delay - back) <= base.round_trip / 2 + base.error);
  }
}

TEST_CASE("calibration: each way contributes the exchange that was delayed least on it") {
  const Estimator estimator = line(us(100));
  Calibration calibration;
  static_cast<void>(calibration.add(exchanged(s(30), us(100), us(900)), estimator));
  static_cast<void>(calibration.add(exchanged(s(31), us(700), us(100)), estimator));
  CHECK(magnitude(calibration.base().delay - us(100)) <= us(1));
  CHECK(magnitude(calibration.base().round_trip - us(200)) <= us(1));
}

TEST_CASE("calibration: one exchange is off by at most half its round trip, and says so") {
  const Estimator estimator = line(us(100));
  Calibration calibration;
  static_cast<void>(calibration.add(exchanged(s(30), us(100), us(5'100)), estimator));
  const BaseDelay base = calibration.base();
  CHECK(base.error >= us(2'600));
  CHECK(magnitude(base.delay - us(100)) <= base.error);
  CHECK_FALSE(calibration.settled());
}

TEST_CASE("calibration: a line that rises takes recent exchanges along") {
  Estimator estimator = line(ms(2), 3);  // all three packets were late
  Calibration calibration;
  REQUIRE(calibration.add(exchanged(s(1), us(100), us(100)), estimator));
  CHECK(magnitude(calibration.base().delay - ms(2)) <= us(5));
  for (int i = 3; i < 12; ++i) estimator.add(announced(s(i), us(300)));
  CHECK(calibration.update(estimator));
  // What matters is the sum of both: the offset, wherever the line lies.
  const Duration offset = estimator.at(raw(s(12))).ahead + calibration.base().delay;
  CHECK(magnitude(offset - kOffset) <= calibration.base().error);
  CHECK(magnitude(calibration.base().delay - us(300)) <= calibration.base().error);
  CHECK(calibration.base().delay < ms(1));
}

TEST_CASE("calibration: what the window has passed stays as it was measured") {
  Estimator estimator = line(us(100));
  Calibration calibration;
  for (int i = 0; i < 4; ++i) {
    REQUIRE(calibration.add(exchanged(s(20 + i), us(100), us(100)), estimator));
  }
  for (int i = 40; i < 100; ++i) {
    estimator.add(announced(s(i), us(100)));
    REQUIRE(calibration.update(estimator));
  }
  const BaseDelay base = calibration.base();
  for (int i = 100; i < 160; ++i) {  // a line that is worse known now
    estimator.add(announced(s(i), i % 10 == 0 ? us(100) : ms(1)));
    REQUIRE(calibration.update(estimator));
    CHECK(calibration.base().delay == base.delay);
    CHECK(calibration.base().round_trip == base.round_trip);
  }
}

TEST_CASE("calibration: a line that is given up leaves what was measured against it") {
  Estimator estimator = line(us(100));
  Calibration calibration;
  REQUIRE(calibration.add(exchanged(s(39), us(100), us(100)), estimator));
  const BaseDelay base = calibration.base();
  calibration.settle(estimator);
  estimator.restart();
  estimator.add({raw(s(40)), kOffset + s(77), Duration{}});  // stepped
  CHECK(calibration.update(estimator));
  CHECK(calibration.base().delay == base.delay);
}

TEST_CASE("calibration: an exchange that contradicts the others leaves nothing to rely on") {
  for (const Duration step : {ms(5), -ms(5)}) {
    const Estimator estimator = line(us(100));
    Calibration calibration;
    for (int i = 0; i < 5; ++i) {
      CHECK(calibration.add(exchanged(s(30 + i), us(100), us(100)), estimator));
    }
    Exchange after = exchanged(s(36), us(100), us(100));  // the announcer's clock was stepped
    after.forward += step;
    after.back += step;
    CHECK_FALSE(calibration.add(after, estimator));
    CHECK(calibration.count() == 0);
    CHECK(calibration.add(after, estimator));
    CHECK(magnitude(calibration.base().delay - (us(100) + step)) <= us(1));
  }
}

TEST_CASE("calibration: it is settled when many exchanges agree and not before") {
  const Estimator estimator = line(us(200));
  Calibration calibration;
  for (int i = 0; i < 8; ++i) {
    CHECK_FALSE(calibration.settled());
    static_cast<void>(calibration.add(exchanged(s(30 + i), us(200), us(200)), estimator));
  }
  CHECK(calibration.settled());
  calibration.restart();
  CHECK(calibration.count() == 0);
  CHECK_FALSE(calibration.settled());
}

TEST_CASE("calibration: with any kind of delay the offset's error holds in 999 of 1000 cases") {
  struct Model {
    std::string_view name;
    sim::Delay delay;
  };
  const Model models[] = {
      {"exponential, wired", sim::exponential(us(100), us(10))},
      {"exponential, wireless", sim::exponential(us(100), ms(1))},
      {"uniform", sim::uniform(us(100), ms(1))},
      {"normal", sim::normal(us(100), ms(1))},
      {"heavy-tailed", sim::heavy_tailed(us(100), us(50))},
      {"wireless with outliers",
       sim::sometimes(0.02, sim::uniform(ms(20), ms(80)), sim::exponential(us(100), ms(1)))},
  };
  constexpr int kTrials = 10'000;
  for (const Model& model : models) {
    CAPTURE(model.name);
    int held = 0;
    for (int trial = 0; trial < kTrials; ++trial) {
      sim::Random random{static_cast<std::uint64_t>(trial)};
      Estimator estimator;
      Calibration calibration;
      const int count = 3 + trial % 38;
      for (int i = 0; i < count; ++i) {
        estimator.add(announced(s(i), model.delay(random)));
        if (i == count / 2 || (i > 2 && i % 3 == 0)) {
          static_cast<void>(calibration.add(
              exchanged(s(i) + ms(500), model.delay(random), model.delay(random)), estimator));
        }
      }
      const Edge edge = estimator.at(raw(s(count)));
      const BaseDelay base = calibration.base();
      held += magnitude(edge.ahead + base.delay - kOffset) <= edge.error + base.error ? 1 : 0;
    }
    CHECK(held >= kTrials * 999 / 1'000);
  }
}

TEST_CASE("calibration: values beyond all reason stay values") {
  const Duration extremes[] = {Duration::min(), -s(1), Duration{}, s(1), Duration::max()};
  sim::Random random{5};
  const Estimator estimator = line(us(100));
  Calibration calibration;
  const auto any = [&] { return extremes[random.word() % 5]; };
  for (int i = 0; i < 2'000; ++i) {
    static_cast<void>(calibration.add({raw(any()), any(), raw(any()), any(), any()}, estimator));
    REQUIRE(calibration.base().round_trip >= Duration{});
    static_cast<void>(calibration.settled());
  }
}

}  // namespace timecast
