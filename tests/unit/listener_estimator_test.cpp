// SPDX-License-Identifier: MIT
#include "listener/core/estimator.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <string_view>

#include "tests/unit/listener_estimator_bench.hpp"

namespace timecast::test {
namespace {

const Network kSilentNetwork = alike(sim::constant(us(100)));
const Network kQuietNetwork = alike(sim::exponential(us(100), us(10)));

}  // namespace

TEST_CASE("estimator: without noise it is within a microsecond in a minute, and exact in the end") {
  EstimatorBench bench{kSilentNetwork};
  bench.live(64);
  CHECK(magnitude(bench.error()) < us(1));
  CHECK(bench.estimator.frequency().count_ppb() == doctest::Approx(20'000).epsilon(1e-3));
  CHECK(magnitude(bench.estimator.delay() - us(100)) < us(1));
  CHECK(magnitude(bench.estimator.unicast_delay() - us(100)) < us(1));
  bench.live(16'000);
  CHECK(magnitude(bench.error()) < ns(20));
  CHECK(bench.estimator.frequency().count_ppb() == doctest::Approx(20'000).epsilon(1e-6));
  CHECK(magnitude(bench.estimator.delay() - us(100)) < ns(20));
  CHECK(bench.estimator.at(bench.now).error < ns(200));
}

TEST_CASE("estimator: finds every rate that a clock may have") {
  for (const double ppb :
       {0.0, 15'000.0, -15'000.0, 100'000.0, -100'000.0, 300'000.0, -500'000.0}) {
    CAPTURE(ppb);
    EstimatorBench bench{kQuietNetwork};
    bench.ppb = ppb;
    bench.live(300);
    CHECK(std::abs(bench.estimator.frequency().count_ppb() - ppb) < 200);
    CHECK(magnitude(bench.error()) < us(3));
  }
}

TEST_CASE(
    "estimator: a rate that is told holds from the first packet on, until packets say better") {
  EstimatorBench bench{kQuietNetwork};
  bench.estimator.expect_rate(FrequencyPpb{20'300}, FrequencyPpb{20'000});
  bench.announce();
  CHECK(bench.estimator.frequency() == FrequencyPpb{20'300});
  for (int i = 0; i < 20; ++i) {
    bench.live(1);
    CHECK(std::abs(bench.estimator.frequency().count_ppb() - 20'000) < 4'000);
  }
  bench.live(300);
  CHECK(std::abs(bench.estimator.frequency().count_ppb() - 20'000) < 200);
}

TEST_CASE("estimator: a rate that was told wrong is found within a minute or two") {
  for (const double told :
       {-80'000.0, -20'000.0, 0.0, 10'000.0, 15'000.0, 26'000.0, 35'000.0, 60'000.0, 120'000.0}) {
    CAPTURE(told);
    EstimatorBench bench{kQuietNetwork};
    bench.estimator.expect_rate(FrequencyPpb{told}, FrequencyPpb{20'000});
    bench.live(120);
    CHECK(std::abs(bench.estimator.frequency().count_ppb() - 20'000) < 500);
    CHECK(magnitude(bench.error()) < us(5));
    CHECK(bench.estimator.at(bench.now).error > magnitude(bench.error()));
  }
}

TEST_CASE("estimator: of one announcement it knows what the delay allows") {
  EstimatorBench bench{kSilentNetwork};
  bench.estimator.restart(ms(1), ms(2));
  CHECK(bench.estimator.count() == 0);
  CHECK(bench.estimator.exchanges() == 0);
  bench.announce();
  CHECK(bench.estimator.count() == 1);
  CHECK(bench.estimator.newest() == bench.now);
  CHECK(bench.error() == ms(1) - us(100));  // as if it had taken what is assumed
  CHECK(bench.estimator.delay() == ms(1));
  CHECK(bench.estimator.at(bench.now).error >= ms(2));
  CHECK(bench.estimator.frequency() == FrequencyPpb{0});
}

TEST_CASE("estimator: one exchange measures the delay and halves its round trip") {
  EstimatorBench bench{{sim::constant(us(100)), sim::constant(us(300)), sim::constant(us(100))}};
  bench.announce();
  CHECK(bench.ask());
  CHECK(bench.estimator.exchanges() == 1);
  CHECK(magnitude(bench.estimator.unicast_delay() - us(200)) < ns(10));
  CHECK(magnitude(bench.error()) <= us(100) + ns(10));  // the asymmetry's half
  CHECK(bench.estimator.hard_error(bench.now) >= magnitude(bench.error()));
  CHECK(bench.estimator.hard_error(bench.now) <= us(200) + ns(10));
  CHECK(bench.estimator.at(bench.now).error >= magnitude(bench.error()));
}

TEST_CASE("estimator: a better exchange takes the place of a first one that was held up") {
  EstimatorBench bench{kSilentNetwork};
  bench.announce();
  bench.network = {sim::constant(us(100)), sim::constant(ms(40)), sim::constant(ms(1))};
  CHECK(bench.ask());
  CHECK(magnitude(bench.error()) > ms(10));
  bench.network = kSilentNetwork;
  CHECK(bench.ask());
  CHECK(magnitude(bench.error()) < us(1));
  CHECK(bench.estimator.unicast_delay() < us(101));
}

TEST_CASE("estimator: announcements alone hold the assumed delay, and learn the rate") {
  EstimatorBench bench{alike(sim::exponential(us(300), us(10)))};
  bench.estimator.restart(us(250), us(200));
  for (int i = 0; i < 2'000; ++i) bench.announce_later(s(1));
  CHECK(bench.estimator.frequency().count_ppb() == doctest::Approx(20'000).epsilon(0.005));
  CHECK(bench.estimator.exchanges() == 0);
  CHECK(magnitude(bench.estimator.delay() - us(250)) < us(30));
  CHECK(magnitude(bench.error()) < us(80));
  CHECK(bench.estimator.at(bench.now).error > magnitude(bench.error()));
}

TEST_CASE("estimator: the error covers the truth in 999 of 1000 seconds") {
  struct Row {
    std::string_view name;
    Network network;
    Duration rms;  // what the offset's error stays within
  };
  const sim::Delay noisy = sim::exponential(us(150), us(300));
  const Row rows[] = {
      {"quiet", kQuietNetwork, us(1)},
      {"a busy switch", alike(noisy), us(20)},
      {"no edge", alike(sim::gaussian(us(250), us(20))), us(8)},
      {"a soft edge", alike(sim::soft_edge(us(100), us(10))), us(4)},
      {"2 % very late",
       alike(sim::sometimes(0.02, sim::exponential(us(100), ms(2)),
                            sim::exponential(us(100), us(10)))),
       us(2)},
      {"lossy heavy tail", alike(sim::heavy_tailed(us(100), us(5))), us(2)},
      {"announcements take longer",
       {sim::exponential(us(400), us(20)), sim::exponential(us(100), us(10)),
        sim::exponential(us(100), us(10))},
       us(3)},
      {"one way is busy",
       {sim::exponential(us(100), us(10)), sim::exponential(us(100), us(10)),
        sim::exponential(us(100), us(200))},
       us(25)},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    int missed = 0;
    double square = 0;
    constexpr std::uint64_t kSeeds = 20;
    for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
      EstimatorBench bench{row.network, seed};
      bench.live(30);
      bench.live(4'000, [&] {
        const Duration error = magnitude(bench.error());
        if (error > bench.estimator.at(bench.now).error) ++missed;
        square += error.to_seconds() * error.to_seconds() / (4'000 * kSeeds);
      });
    }
    CHECK(missed <= 80);
    CHECK(Duration::from_seconds(std::sqrt(square)) < row.rms);
  }
}

TEST_CASE("estimator: what says to be hard is never broken, however asymmetric the ways") {
  struct Row {
    std::string_view name;
    Network network;
  };
  const sim::Delay quick = sim::exponential(us(20), us(10));
  const sim::Delay slow = sim::exponential(ms(5), us(300));
  const Row rows[] = {
      {"symmetric", kQuietNetwork},
      {"requests are slow", {quick, slow, quick}},
      {"replies are slow", {quick, quick, slow}},
      {"replies and announcements are slow", {slow, quick, slow}},
      {"announcements are slow", {slow, quick, quick}},
      {"bell", alike(sim::gaussian(us(300), us(50)))},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    for (const double ppb : {20'000.0, -90'000.0}) {
      EstimatorBench bench{row.network};
      bench.ppb = ppb;
      bench.live(2);
      int broken = 0;
      bench.live(3'000, [&] {
        // The limits are as of the newest packet.
        const Timestamp<Raw> newest = bench.estimator.newest();
        const Duration error = bench.estimator.at(newest).ahead - bench.truth(newest);
        if (magnitude(error) > bench.estimator.hard_error(bench.now) + ns(100)) ++broken;
      });
      CHECK(broken == 0);
    }
  }
}

TEST_CASE("estimator: asks quickly at first, briskly until it knows the base, then rarely") {
  EstimatorBench bench{alike(sim::exponential(us(150), us(300)))};
  bench.announce();
  for (int i = 0; i < 12; ++i) {
    CHECK(bench.estimator.eagerness() == Eagerness::quick);
    bench.now = bench.now + ms(250);
    bench.ask();
  }
  CHECK(bench.estimator.eagerness() == Eagerness::brisk);
  while (bench.estimator.eagerness() == Eagerness::brisk && bench.asked < 400) {
    bench.announce_later(s(1));
    bench.ask();
  }
  CHECK(bench.estimator.eagerness() == Eagerness::rare);
  CHECK(bench.asked > 40);
  CHECK(bench.asked <= 300);  // however noisy
  CHECK(magnitude(bench.estimator.unicast_delay() - us(150)) < us(60));
}

TEST_CASE("estimator: on a quiet network a few exchanges are enough") {
  EstimatorBench bench{kSilentNetwork};
  bench.live(60);
  CHECK(bench.estimator.eagerness() == Eagerness::rare);
  CHECK(bench.asked < 70);
  bench.live(600);
  CHECK(bench.asked < 70 + 600 / 16);
}

TEST_CASE("estimator: follows announcements of every interval") {
  struct Row {
    Duration interval;
    Duration error;
  };
  const Row rows[] = {{ms(125), us(3)}, {s(1), us(2)},    {s(16), us(4)},
                      {s(64), us(8)},   {s(256), us(20)}, {s(1'024), us(60)}};
  for (const Row& row : rows) {
    CAPTURE(row.interval.count_ns());
    EstimatorBench bench{kQuietNetwork};
    bench.interval = row.interval;
    bench.live(60);
    Duration worst{};
    int missed = 0;
    bench.live(300, [&] {
      worst = std::max(worst, magnitude(bench.error()));
      if (magnitude(bench.error()) > bench.estimator.at(bench.now).error) ++missed;
    });
    CHECK(worst < row.error);
    CHECK(missed == 0);
    CHECK(bench.estimator.frequency().count_ppb() == doctest::Approx(20'000).epsilon(0.005));
  }
}

TEST_CASE("estimator: in silence the error grows, and covers where the clock has gone") {
  EstimatorBench bench{kQuietNetwork};
  bench.live(2'000);
  Duration last{};
  for (const std::int64_t later : {0, 1, 60, 600, 3'600, 86'400}) {
    CAPTURE(later);
    const Estimate estimate = bench.estimator.at(bench.now + s(later));
    CHECK(estimate.error > last);
    CHECK(magnitude(estimate.ahead - bench.truth(bench.now + s(later))) < estimate.error);
    last = estimate.error;
  }
}

TEST_CASE("estimator: an estimate of a time past is as good as its rate") {
  EstimatorBench bench{kQuietNetwork};
  bench.live(2'000);
  const Timestamp<Raw> then = bench.now - s(60);
  const Estimate estimate = bench.estimator.at(then);
  CHECK(magnitude(estimate.ahead - bench.truth(then)) < us(6));
  CHECK(magnitude(estimate.ahead - bench.truth(then)) < estimate.error);
}

TEST_CASE("estimator: the uncertainty of stamps is part of the error") {
  for (const Duration uncertainty : {ns(10), us(50), ms(3)}) {
    CAPTURE(uncertainty.count_ns());
    EstimatorBench bench{kQuietNetwork};
    bench.uncertainty = uncertainty;
    bench.live(500);
    const Duration error = bench.estimator.at(bench.now).error;
    CHECK(error >= uncertainty);
    CHECK(error < uncertainty + us(20));
  }
}

TEST_CASE("estimator: samples out of order and repeated ones do no harm") {
  EstimatorBench bench{kQuietNetwork};
  bench.live(500);
  int missed = 0;
  for (int i = 0; i < 1'000; ++i) {
    bench.now = bench.now + s(1);
    const Sample first = bench.announcement();
    const auto exchange = bench.exchange();
    bench.now = bench.now + s(1);
    bench.announce();
    bench.estimator.add_announcement(first);  // overtaken
    if (i % 16 == 0) {
      static_cast<void>(bench.estimator.add_exchange(exchange.there, exchange.back));
    }
    if (i % 64 == 0) {
      bench.estimator.add_announcement(first);
      static_cast<void>(bench.estimator.add_exchange(exchange.there, exchange.back));
    }
    if (magnitude(bench.error()) > bench.estimator.at(bench.now).error) ++missed;
  }
  CHECK(missed <= 2);
  CHECK(magnitude(bench.error()) < us(3));
  CHECK(bench.estimator.newest() == bench.now);
}

TEST_CASE("estimator: begun anew after a jump, it still knows rate and delays") {
  EstimatorBench bench{kQuietNetwork};
  bench.live(2'000);
  const double ppb = bench.estimator.frequency().count_ppb();
  const Duration delay = bench.estimator.delay();
  bench.ahead = bench.ahead - s(40'000'000);
  bench.estimator.forget_offset();
  CHECK(bench.estimator.count() == 0);
  CHECK(bench.estimator.exchanges() > 0);
  CHECK(bench.estimator.eagerness() == Eagerness::brisk);
  bench.announce_later(s(1));
  CHECK(bench.estimator.count() == 1);
  CHECK(magnitude(bench.error()) < us(100));
  CHECK(bench.estimator.frequency().count_ppb() == doctest::Approx(ppb).epsilon(1e-6));
  CHECK(magnitude(bench.estimator.delay() - delay) < us(1));
  bench.live(30);
  CHECK(magnitude(bench.error()) < us(5));
}

TEST_CASE("estimator: restarted, it forgets everything") {
  EstimatorBench bench{kQuietNetwork};
  bench.live(500);
  bench.estimator.restart(ms(2), ms(1));
  CHECK(bench.estimator.count() == 0);
  CHECK(bench.estimator.exchanges() == 0);
  CHECK_FALSE(bench.estimator.in_doubt());
  CHECK(bench.estimator.eagerness() == Eagerness::quick);
  CHECK(bench.estimator.frequency() == FrequencyPpb{0});
  CHECK(bench.estimator.delay() == ms(2));
}

TEST_CASE("estimator: remembers the longer the noisier the network") {
  EstimatorBench quiet{kQuietNetwork};
  EstimatorBench noisy{alike(sim::exponential(us(150), ms(1)))};
  quiet.live(3'000);
  noisy.live(3'000);
  CHECK(quiet.estimator.memory() > s(1));
  CHECK(noisy.estimator.memory() > quiet.estimator.memory());
}

}  // namespace timecast::test
