// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <cmath>
#include <deque>
#include <ostream>
#include <string_view>

#include "listener/core/estimator.hpp"
#include "tests/simulation/random.hpp"

namespace timecast {
namespace {

constexpr std::size_t kWindow = 40;

Duration us(std::int64_t n) { return Duration::microseconds(n); }
Duration ms(std::int64_t n) { return Duration::milliseconds(n); }
Duration s(std::int64_t n) { return Duration::seconds(n); }
Timestamp<Raw> raw(Duration since) { return Timestamp<Raw>{s(1'000) + since}; }

// The announcer's clock against a raw clock: an offset and a rate.
struct Truth {
  Duration offset = s(1'793'490'200);
  double rate_ppm = 0;
  [[nodiscard]] Duration at(Duration since) const {
    return offset + Duration::from_seconds(since.to_seconds() * rate_ppm * 1e-6);
  }
  // Of a packet that left `since` and took `delay`.
  [[nodiscard]] Sample sample(Duration since, Duration delay) const {
    return {raw(since + delay), at(since + delay) - delay, Duration{}};
  }
};

struct Model {
  std::string_view name;
  sim::Delay delay;
};

Estimator filled(const Truth& truth, const sim::Delay& delay, int count, sim::Random& random) {
  Estimator estimator;
  for (int i = 0; i < count; ++i) estimator.add(truth.sample(s(i), delay(random)));
  return estimator;
}

}  // namespace

TEST_CASE("estimator: without noise the line is found exactly, at every rate a clock may have") {
  for (const double rate_ppm : {0.0, 1.0, -20.0, 100.0, -100.0, 500.0, -500.0}) {
    for (const int count : {2, 3, 10, 40, 100}) {
      CAPTURE(rate_ppm);
      CAPTURE(count);
      sim::Random random{1};
      const Truth truth{s(-7), rate_ppm};
      const Estimator estimator = filled(truth, sim::constant(Duration{}), count, random);
      CHECK(estimator.count() == std::min<std::size_t>(static_cast<std::size_t>(count), kWindow));
      CHECK(estimator.frequency().count_ppb() == doctest::Approx(rate_ppm * 1e3).epsilon(1e-4));
      for (const std::int64_t later_ms : {0, 500, 1'500}) {
        const Duration when = s(count - 1) + ms(later_ms);
        CHECK(magnitude(estimator.at(raw(when)).ahead - truth.at(when)) <=
              Duration::nanoseconds(5));
      }
    }
  }
}

TEST_CASE("estimator: no sample of the window lies above the line") {
  const Model models[] = {
      {"exponential", sim::exponential(us(100), us(10))},
      {"uniform", sim::uniform(us(100), ms(100))},
      {"normal", sim::normal(us(100), ms(1))},
      {"heavy-tailed", sim::heavy_tailed(us(100), ms(1))},
      {"two kinds of path", sim::sometimes(0.1, sim::constant(us(5)), sim::uniform(ms(1), ms(1)))},
  };
  for (const Model& model : models) {
    CAPTURE(model.name);
    sim::Random random{2};
    const Truth truth{s(3), 42};
    Estimator estimator;
    std::deque<Sample> window;
    for (int i = 0; i < 2'000; ++i) {
      const Sample sample = truth.sample(s(i), model.delay(random));
      if (!window.empty() && sample.at < window.back().at) window.clear();
      window.push_back(sample);
      if (window.size() > kWindow) window.pop_front();
      estimator.add(sample);
      for (const Sample& each : window) {
        REQUIRE(estimator.at(each.at).ahead - each.ahead >= -Duration::nanoseconds(2));
      }
    }
  }
}

TEST_CASE("estimator: the error holds in 999 of 1000 cases wherever delay has an edge") {
  const Model models[] = {
      {"exponential, wired", sim::exponential(us(100), us(10))},
      {"exponential, wireless", sim::exponential(us(100), ms(1))},
      {"uniform", sim::uniform(us(100), ms(10))},
      {"half normal", sim::half_normal(us(100), ms(1))},
      {"heavy-tailed", sim::heavy_tailed(us(100), ms(1))},
      {"wireless with outliers",
       sim::sometimes(0.02, sim::uniform(ms(20), ms(80)), sim::exponential(us(100), ms(1)))},
  };
  struct Size {
    int count;
    int trials;
  };
  for (const Model& model : models) {
    CAPTURE(model.name);
    for (const Size size : {Size{16, 2'000}, Size{40, 10'000}}) {
      CAPTURE(size.count);
      int held = 0;
      for (int trial = 0; trial < size.trials; ++trial) {
        sim::Random random{static_cast<std::uint64_t>(trial)};
        const Truth truth{s(5), (random.uniform() - 0.5) * 200};
        const Estimator estimator = filled(truth, model.delay, size.count, random);
        // Anywhere from the window's middle to two seconds after its end.
        const int half = size.count / 2;
        const Duration when = s(half) + Duration::from_seconds((half + 2) * random.uniform());
        const Edge edge = estimator.at(raw(when));
        const Duration off = edge.ahead - (truth.at(when) - us(100));  // the base delay is unknown
        held += magnitude(off) <= edge.error ? 1 : 0;
      }
      CHECK(held >= size.trials * 999 / 1'000);
    }
  }
}

TEST_CASE("estimator: one sample and two are better than none and promise little") {
  const Truth truth{s(9), 80};
  Estimator estimator;
  estimator.add(truth.sample(s(0), Duration{}));
  CHECK(estimator.count() == 1);
  CHECK(estimator.frequency() == FrequencyPpb{});
  CHECK(estimator.at(raw(s(0))).ahead == truth.at(s(0)));
  CHECK(estimator.at(raw(s(0))).error >= us(70));
  // What no rate of a clock can exceed.
  CHECK(estimator.at(raw(s(1))).error >= us(600));
  CHECK(estimator.drift_limit().count_ppb() == doctest::Approx(600'000));

  estimator.add(truth.sample(s(1), us(900)));
  CHECK(estimator.count() == 2);
  CHECK(std::abs(estimator.frequency().count_ppb()) <= 600'001);
  CHECK(estimator.at(raw(s(2))).error >= us(900));
}

TEST_CASE("estimator: two late packets cannot pretend a rate that no clock has") {
  const Truth truth;
  for (const Duration late : {ms(50), -ms(50)}) {
    Estimator estimator;
    estimator.add(truth.sample(s(0), late < Duration{} ? -late : Duration{}));
    estimator.add(truth.sample(s(1), late < Duration{} ? Duration{} : late));
    CHECK(std::abs(estimator.frequency().count_ppb()) <= 600'001);
  }
}

TEST_CASE("estimator: samples at one instant are no reason for a rate") {
  Estimator estimator;
  for (int i = 0; i < 60; ++i) estimator.add({raw(s(1)), s(4) - us(i % 7), Duration{}});
  CHECK(estimator.frequency() == FrequencyPpb{});
  CHECK(estimator.at(raw(s(1))).ahead >= s(4));
  CHECK(estimator.at(raw(s(1))).ahead <= s(4) + us(10));
}

TEST_CASE("estimator: a sample from before the last begins the window anew") {
  const Truth truth;
  sim::Random random{3};
  Estimator estimator = filled(truth, sim::constant(Duration{}), 10, random);
  estimator.add({raw(s(5)), s(77), Duration{}});
  CHECK(estimator.count() == 1);
  CHECK(estimator.at(raw(s(5))).ahead == s(77));
}

TEST_CASE("estimator: what is older than the window is forgotten") {
  const Truth truth;
  Estimator estimator;
  estimator.add(truth.sample(s(0), -ms(5)));  // early: the line leans on it as long as it is there
  for (int i = 1; i <= 39; ++i) estimator.add(truth.sample(s(i), us(100)));
  CHECK(estimator.at(raw(s(20))).ahead > truth.at(s(20)));
  estimator.add(truth.sample(s(40), us(100)));
  CHECK(estimator.at(raw(s(20))).ahead - truth.at(s(20)) <= -us(99));
}

TEST_CASE("estimator: a gap of hours widens the error and breaks nothing") {
  const Truth truth{s(1), 30};
  sim::Random random{4};
  Estimator estimator = filled(truth, sim::exponential(us(100), us(10)), 40, random);
  Duration last;
  for (std::int64_t gap = 1; gap < 1'000'000; gap *= 3) {
    const Duration when = s(40 + gap);
    const Edge edge = estimator.at(raw(when));
    CHECK(edge.error > last);
    CHECK(magnitude(edge.ahead - (truth.at(when) - us(100))) <= edge.error);
    last = edge.error;
  }
  const Duration after = s(500'000);
  estimator.add(truth.sample(after, us(105)));
  const Edge edge = estimator.at(raw(after + s(1)));
  CHECK(magnitude(edge.ahead - (truth.at(after + s(1)) - us(100))) <= edge.error);
}

TEST_CASE("estimator: the rate counts as known after four seconds") {
  const Truth truth;
  Estimator estimator;
  for (int i = 0; i <= 10; ++i) {
    estimator.add(truth.sample(s(i), us(100)));
    CHECK(estimator.drift_limit().count_ppb() == doctest::Approx(i < 4 ? 600'000 : 15'000));
  }
}

TEST_CASE("estimator: uncertain stamps make an uncertain line") {
  const Truth truth;
  Estimator sure;
  Estimator unsure;
  for (int i = 0; i < 40; ++i) {
    Sample sample = truth.sample(s(i), us(100));
    sure.add(sample);
    sample.uncertainty = us(50);
    unsure.add(sample);
  }
  const Duration more = unsure.at(raw(s(40))).error - sure.at(raw(s(40))).error;
  CHECK(magnitude(more - us(50)) <= Duration::nanoseconds(1));
}

TEST_CASE("estimator: values beyond all reason stay values") {
  const Duration extremes[] = {Duration::min(), -s(1), Duration{}, s(1), Duration::max()};
  sim::Random random{5};
  Estimator estimator;
  for (int i = 0; i < 5'000; ++i) {
    const auto any = [&] { return extremes[random.word() % 5]; };
    estimator.add({Timestamp<Raw>{any()}, any(), random.word() % 2 == 0 ? Duration{} : any()});
    const Edge edge = estimator.at(Timestamp<Raw>{any()});
    REQUIRE(std::isfinite(edge.error.to_seconds()));
    REQUIRE(std::isfinite(estimator.frequency().count_ppb()));
    REQUIRE(estimator.count() >= 1);
    REQUIRE(estimator.count() <= kWindow);
    static_cast<void>(estimator.newest());
  }
}

}  // namespace timecast
