// SPDX-License-Identifier: MIT
//
// What the estimator makes of changes: of clocks, of ways, and of packets that lie.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <limits>
#include <string_view>
#include <utility>

#include "tests/unit/listener_estimator_bench.hpp"

namespace timecast::test {
namespace {

Network quiet() { return alike(sim::exponential(us(100), us(10))); }

// One that has learnt for an hour.
EstimatorBench settled(std::uint64_t seed = 1) {
  EstimatorBench bench{quiet(), seed};
  bench.live(3'600);
  REQUIRE(magnitude(bench.error()) < us(2));
  REQUIRE_FALSE(bench.estimator.in_doubt());
  return bench;
}

bool sane(const Estimator& estimator, Timestamp<Raw> when) {
  const Estimate estimate = estimator.at(when);
  const double ppb = estimator.frequency().count_ppb();
  return std::isfinite(ppb) && std::abs(ppb) <= 1e6 && std::isfinite(estimator.wander()) &&
         std::isfinite(estimator.noise(Way::announcement).spread()) &&
         std::isfinite(estimator.noise(Way::back).spread()) &&
         std::isfinite(estimator.noise(Way::there).spread()) &&
         estimator.noise(Way::announcement).edge() >= 2 && estimate.sigma >= Duration{} &&
         estimate.error >= estimate.sigma && estimator.hard_error(estimator.newest()) >= Duration{};
}

}  // namespace

TEST_CASE(
    "estimator: a step of the announcer is found with the exchange after three announcements") {
  for (const Duration step : {us(700), us(-700), ms(3), ms(-3), ms(50), ms(-50)}) {
    CAPTURE(step.count_ns());
    for (const std::uint64_t seed : {1U, 2U, 3U}) {
      EstimatorBench bench = settled(seed);
      const FrequencyPpb rate = bench.estimator.frequency();
      bench.ahead = bench.ahead + step;
      for (int i = 0; i < 3; ++i) bench.announce_later(s(1));
      bench.now = bench.now + ms(100);
      bench.ask();
      bench.announce_later(s(1));
      CHECK(magnitude(bench.error()) < us(60));
      // What noise of 10 us says of the rate within a second or two, and it knows as much.
      const double off = std::abs((bench.estimator.frequency() - rate).count_ppb());
      CHECK(off < 15'000);
      CHECK(off < bench.estimator.frequency_error().count_ppb());
      bench.live(20);
      CHECK(magnitude(bench.error()) < us(6));
      CHECK_FALSE(bench.estimator.in_doubt());
      CHECK(magnitude(bench.estimator.delay() - us(100)) < us(10));
    }
  }
}

TEST_CASE("estimator: announcements that contradict are doubted, said so, and asked about") {
  for (const Duration step : {ms(3), ms(-3)}) {
    CAPTURE(step.count_ns());
    EstimatorBench bench = settled();
    const Duration believed = bench.error();
    bench.ahead = bench.ahead + step;
    // An announcer that steps ahead makes announcements seem early: three. Late ones happen: eight.
    const int needed = step > Duration{} ? 3 : 8;
    for (int i = 1; i <= needed; ++i) {
      CHECK_FALSE(bench.estimator.in_doubt());
      bench.announce_later(s(1));
      CHECK(magnitude(bench.error() + step - believed) < us(5));  // not followed
    }
    CHECK(bench.estimator.in_doubt());
    CHECK(bench.estimator.eagerness() == Eagerness::brisk);
    CHECK(bench.estimator.at(bench.now).error > magnitude(bench.error()));
    bench.ask();
    CHECK_FALSE(bench.estimator.in_doubt());
  }
}

TEST_CASE("estimator: nobody answers: what many announcements say is believed in the end") {
  for (const Duration step : {ms(3), ms(-3)}) {
    CAPTURE(step.count_ns());
    EstimatorBench bench = settled();
    bench.ahead = bench.ahead + step;
    for (int i = 0; i < 15; ++i) bench.announce_later(s(1));
    CHECK(magnitude(bench.error()) > ms(2));
    for (int i = 0; i < 10; ++i) bench.announce_later(s(1));
    CHECK(magnitude(bench.error()) < us(50));
  }
}

TEST_CASE(
    "estimator: a way that has become longer or shorter is told from a clock that has moved") {
  for (const Duration longer : {us(400), ms(5), us(-90)}) {
    CAPTURE(longer.count_ns());
    EstimatorBench bench = settled();
    bench.network = alike(sim::exponential(us(100) + longer, us(10)));
    int far = 0;
    bench.live(1'200, [&] {
      if (magnitude(bench.error()) > us(40)) ++far;
    });
    CHECK(far == 0);
    CHECK(magnitude(bench.error()) < us(3));
    CHECK(magnitude(bench.estimator.unicast_delay() - us(100) - longer) < us(10));
    CHECK(magnitude(bench.estimator.delay() - us(100) - longer) < us(10));
  }
}

TEST_CASE("estimator: a way of announcements alone that becomes longer changes their delay alone") {
  EstimatorBench bench = settled();
  bench.network.announcement = sim::exponential(ms(3), us(10));
  int far = 0;
  bench.live(600, [&] {
    if (magnitude(bench.error()) > us(40)) ++far;
  });
  CHECK(far == 0);
  CHECK(magnitude(bench.error()) < us(3));
  CHECK(magnitude(bench.estimator.unicast_delay() - us(100)) < us(10));
  CHECK(magnitude(bench.estimator.delay() - ms(3)) < us(10));
}

TEST_CASE("estimator: a lone packet that does not fit changes nothing") {
  struct Row {
    std::string_view name;
    Duration off;
  };
  const Row rows[] = {{"early", ms(5)},
                      {"late", ms(-5)},
                      {"a little late", us(-400)},
                      {"absurdly early", ms(149)},
                      {"absurdly late", ms(-149)}};
  for (const Row& row : rows) {
    CAPTURE(row.name);
    EstimatorBench with = settled();
    EstimatorBench without = settled();
    Sample sample = with.announcement();
    static_cast<void>(without.announcement());  // the same luck
    sample.ahead = sample.ahead + row.off;
    with.estimator.add_announcement(sample);
    CHECK_FALSE(with.estimator.in_doubt());
    CHECK(magnitude(with.error() - without.error()) < ns(1));
    with.announce_later(s(1));
    without.announce_later(s(1));
    CHECK(magnitude(with.error() - without.error()) < ns(100));
    CHECK(with.estimator.eagerness() == Eagerness::rare);
  }
}

TEST_CASE("estimator: an exchange that alone speaks of a jump is asked again, not believed") {
  EstimatorBench bench = settled();
  auto lie = bench.exchange();
  bench.now = lie.back.at;
  lie.there.ahead = lie.there.ahead + ms(20);
  lie.back.ahead = lie.back.ahead + ms(20);
  CHECK_FALSE(bench.estimator.add_exchange(lie.there, lie.back));
  CHECK(magnitude(bench.error()) < us(2));
  CHECK(bench.estimator.eagerness() == Eagerness::brisk);
  bench.live(10);
  CHECK(magnitude(bench.error()) < us(2));
  CHECK(bench.estimator.eagerness() == Eagerness::rare);
}

TEST_CASE("estimator: a late word of an exchange of before a doubt does not resolve it") {
  EstimatorBench bench = settled();
  const auto before = bench.exchange();
  bench.ahead = bench.ahead + ms(5);
  for (int i = 0; i < 3; ++i) bench.announce_later(s(1));
  REQUIRE(bench.estimator.in_doubt());
  CHECK(bench.estimator.add_exchange(before.there, before.back));
  CHECK(bench.estimator.in_doubt());
  CHECK(magnitude(bench.error() + ms(5)) < us(10));
  bench.ask();
  CHECK_FALSE(bench.estimator.in_doubt());
  bench.announce_later(s(1));
  CHECK(magnitude(bench.error()) < us(60));
}

TEST_CASE("estimator: who asks nobody follows announcements that are earlier than the first ones") {
  EstimatorBench bench{quiet()};
  bench.estimator.restart(us(100), ms(10));
  bench.exchanges_lost = 1;
  const sim::Delay usual = std::exchange(bench.network.announcement, sim::constant(ms(25)));
  bench.live(4);
  bench.network.announcement = usual;
  bench.live(2);
  CHECK(magnitude(bench.error()) > ms(10));  // two are no proof
  bench.live(4);
  CHECK(magnitude(bench.error()) < ms(2));
  bench.live(20);
  CHECK(std::abs(bench.estimator.frequency().count_ppb() - bench.ppb) < 20'000);
}

TEST_CASE("estimator: who asks nobody does not follow late announcements at once") {
  EstimatorBench bench{quiet()};
  bench.estimator.restart(us(100), ms(1));
  bench.exchanges_lost = 1;
  bench.live(300);
  bench.network.announcement = sim::constant(ms(50));
  bench.live(12);
  CHECK(magnitude(bench.error()) < ms(1));
}

TEST_CASE("estimator: a busy minute is no longer way") {
  EstimatorBench bench = settled();
  const sim::Delay busy = sim::exponential(us(100), ms(2));
  bench.network = alike(busy);
  Duration worst{};
  bench.live(60, [&] { worst = std::max(worst, magnitude(bench.error())); });
  CHECK(worst < us(60));
  bench.network = quiet();
  bench.live(600);
  CHECK(magnitude(bench.error()) < us(4));
}

TEST_CASE("estimator: doubted announcements of another make are learnt from exchanges") {
  EstimatorBench bench = settled();
  bench.network.announcement = sim::exponential(us(120), us(10));  // stamped otherwise
  bench.estimator.doubt_announcements(us(20));
  bench.live(600);
  CHECK(magnitude(bench.error()) < us(4));
  CHECK(magnitude(bench.estimator.delay() - us(120)) < us(5));
}

// An announcer that is slewed, a host that becomes warm.
TEST_CASE("estimator: a clock whose rate changes suddenly is caught up with") {
  struct Row {
    double by;
    Duration most;  // that the offset is off meanwhile
  };
  const Row rows[] = {{100, us(30)},       {-100, us(30)},       {300, us(30)},
                      {-300, us(30)},      {-1'000, us(100)},    {-5'000, us(200)},
                      {5'000, us(100)},    {-20'000, us(500)},   {100'000, us(500)},
                      {-100'000, us(900)}, {500'000, us(2'500)}, {-500'000, us(2'500)}};
  for (const Row& row : rows) {
    CAPTURE(row.by);
    for (const std::uint64_t seed : {1U, 2U, 3U, 4U}) {
      CAPTURE(seed);
      EstimatorBench bench = settled(seed);
      bench.change_rate(row.by);
      Duration worst{};
      bench.live(200, [&] { worst = std::max(worst, magnitude(bench.error())); });
      CHECK(worst < row.most);
      Duration then{};
      bench.live(600, [&] { then = std::max(then, magnitude(bench.error())); });
      CHECK(then < us(20));
      CHECK(std::abs(bench.estimator.frequency().count_ppb() - bench.ppb) < 20);
    }
  }
}

TEST_CASE(
    "estimator: a jump of the rate by 46 ppm is followed within five seconds on a quick network") {
  struct Row {
    double by;
    Duration most;
  };
  for (const Row& row : {Row{46'000, us(140)}, Row{-46'000, us(190)}}) {
    CAPTURE(row.by);
    for (std::uint64_t seed = 1; seed <= 4; ++seed) {
      CAPTURE(seed);
      EstimatorBench bench{alike(sim::exponential(us(8), ns(300))), seed};
      bench.live(600);
      bench.change_rate(row.by);
      Duration worst{};
      bench.live(5, [&] { worst = std::max(worst, magnitude(bench.error())); });
      CHECK(worst < row.most);
      bench.live(1);
      CHECK(magnitude(bench.error()) < us(10));
    }
  }
}

TEST_CASE("estimator: and also when nobody answers any more") {
  for (const double by : {-5'000.0, 5'000.0, -100'000.0, 100'000.0, -500'000.0, 500'000.0}) {
    CAPTURE(by);
    EstimatorBench bench = settled();
    bench.change_rate(by);
    for (int i = 0; i < 1'000; ++i) bench.announce_later(s(1));
    CHECK(std::abs(bench.estimator.frequency().count_ppb() - bench.ppb) < 100);
    CHECK(magnitude(bench.error()) < us(50));
  }
}

TEST_CASE("estimator: exchanges may come before all announcements") {
  EstimatorBench bench{quiet()};
  for (int i = 0; i < 5; ++i) bench.ask();
  bench.announce_later(s(1));
  CHECK(sane(bench.estimator, bench.now));
  CHECK(magnitude(bench.error()) < us(200));
  CHECK(bench.estimator.at(bench.now).error < ms(1));
}

TEST_CASE("estimator: survives whatever is thrown at it") {
  const std::int64_t most = std::numeric_limits<std::int64_t>::max();
  const std::int64_t wild[] = {
      0,        1,           -1,           1'000,
      -20'000,  150'000'000, -150'000'000, 1'000'000'000'000,
      most / 2, most,        -most,        std::numeric_limits<std::int64_t>::min()};
  const std::size_t kinds = std::size(wild);
  for (const bool from_settled : {false, true}) {
    CAPTURE(from_settled);
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
      EstimatorBench bench{quiet(), seed};
      if (from_settled) bench.live(200);
      sim::Random random{seed};
      bool good = true;
      const auto any = [&] { return ns(wild[random.word() % kinds]); };
      const auto sample = [&](Duration ahead) {
        return Sample{bench.now + (random.word() % 8 == 0 ? any() : ms(500)), ahead + any(),
                      random.word() % 4 == 0 ? magnitude(any()) : ns(50)};
      };
      for (int i = 0; i < 50; ++i) {
        const Duration ahead = bench.truth(bench.now);
        if (random.word() % 3 == 0) {
          static_cast<void>(bench.estimator.add_exchange(sample(ahead), sample(ahead)));
        } else {
          bench.estimator.add_announcement(sample(ahead));
        }
        if (random.word() % 16 == 0) bench.estimator.doubt_announcements(any());
        if (random.word() % 16 == 0) bench.estimator.forget_offset();
        good = good && sane(bench.estimator, bench.now + any());
        static_cast<void>(bench.estimator.memory());
        static_cast<void>(bench.estimator.eagerness());
      }
      CAPTURE(seed);
      CHECK(good);
      // And it is as good as new for who begins anew.
      bench.estimator.restart(Duration{}, ms(100));
      bench.live(30);
      CHECK(magnitude(bench.error()) < us(20));
    }
  }
}

TEST_CASE("estimator: what admission lets pass does not ruin it for good") {
  EstimatorBench bench = settled();
  // 150 ms to and fro is what the timeline allows.
  for (int i = 0; i < 2'000; ++i) {
    bench.now = bench.now + s(1);
    Sample sample = bench.announcement();
    sample.ahead = sample.ahead + (i % 2 == 0 ? ms(150) : ms(-150));
    bench.estimator.add_announcement(sample);
  }
  CHECK(sane(bench.estimator, bench.now));
  bench.live(1'200);
  CHECK(magnitude(bench.error()) < us(100));
  CHECK(bench.estimator.frequency().count_ppb() == doctest::Approx(bench.ppb).epsilon(0.05));
}

TEST_CASE("estimator: after years of silence it begins where it must") {
  for (const std::int64_t days : {1, 365, 36'500}) {
    CAPTURE(days);
    EstimatorBench bench = settled();
    bench.now = bench.now + s(days * 86'400);
    CHECK(sane(bench.estimator, bench.now));
    CHECK(magnitude(bench.error()) < bench.estimator.at(bench.now).error);
    bench.live(600);
    CHECK(magnitude(bench.error()) < us(20));
    CHECK(bench.estimator.frequency().count_ppb() == doctest::Approx(20'000).epsilon(0.05));
  }
}

}  // namespace timecast::test
