// SPDX-License-Identifier: MIT
//
// What the estimator makes of another network: longer, rougher, or both, for good.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <initializer_list>
#include <string_view>

#include "tests/unit/listener_estimator_bench.hpp"

namespace timecast::test {
namespace {

const sim::Delay kQuick = sim::exponential(ns(1'200), ns(100));
const sim::Delay kQuiet = sim::exponential(us(100), us(10));
const sim::Delay kLonger = sim::exponential(us(500), us(100));
const sim::Delay kRough = sim::exponential(us(100), ms(1));
const sim::Delay kBell = sim::gaussian(us(300), us(20));

struct Change {
  std::string_view name;
  Network before;
  Network after;
  Duration most;  // that the offset is off from then on
};
const Change kChanges[] = {
    {"from none to speak of", alike(kQuick), alike(sim::exponential(us(500), us(50))), us(10)},
    {"rougher", alike(kQuiet), alike(kRough), us(60)},
    {"longer and rougher", alike(kQuiet), alike(kLonger), us(20)},
    {"both by far", alike(kQuiet), alike(sim::exponential(ms(5), ms(1))), us(60)},
    {"announcements alone", {kQuiet, kQuiet, kQuiet}, {kLonger, kQuiet, kQuiet}, us(10)},
    {"requests alone", {kQuiet, kQuiet, kQuiet}, {kQuiet, kRough, kQuiet}, us(100)},
    {"replies and announcements", {kQuiet, kQuiet, kQuiet}, {kRough, kQuiet, kRough}, us(60)},
    {"a bell, longer", alike(kBell), alike(sim::gaussian(us(500), us(20))), us(50)},
    {"a bell, shorter", alike(kBell), alike(sim::gaussian(us(120), us(20))), us(50)},
    {"a bell, rougher", alike(kBell), alike(sim::gaussian(us(300), us(200))), us(500)},
    {"to a bell", alike(kQuiet), alike(sim::gaussian(ms(1), us(100))), us(150)},
};

}  // namespace

TEST_CASE("estimator: another network changes what is believed of it, and not the time") {
  for (const Change& change : kChanges) {
    CAPTURE(change.name);
    for (std::uint64_t seed = 1; seed <= 4; ++seed) {
      CAPTURE(seed);
      EstimatorBench bench{change.before, seed};
      bench.live(1'000);
      bench.network = change.after;
      Duration worst{};
      int beyond = 0;
      bench.live(2'600, [&] {
        worst = std::max(worst, magnitude(bench.error()));
        if (magnitude(bench.error()) > bench.estimator.at(bench.now).error) ++beyond;
      });
      CHECK(worst < change.most);
      CHECK(beyond <= 2);  // one in a thousand
    }
  }
}

TEST_CASE("estimator: another network is learnt within minutes, however rare announcements are") {
  struct Rhythm {
    Duration interval;
    Duration within;
  };
  for (const Rhythm& rhythm : {Rhythm{ms(125), s(600)}, Rhythm{s(1), s(600)},
                               Rhythm{s(64), s(1'800)}, Rhythm{s(1'024), s(4 * 1'024)}}) {
    CAPTURE(rhythm.interval.to_seconds());
    for (std::uint64_t seed = 1; seed <= 4; ++seed) {
      CAPTURE(seed);
      EstimatorBench bench{alike(kQuiet), seed};
      bench.interval = rhythm.interval;
      bench.live(400);
      bench.network = alike(kLonger);
      bench.live(static_cast<int>(rhythm.within.count_ns() / rhythm.interval.count_ns()));
      int beyond = 0;
      Duration worst{};
      bench.live(200, [&] {
        worst = std::max(worst, magnitude(bench.error()));
        if (magnitude(bench.error()) > bench.estimator.at(bench.now).error) ++beyond;
      });
      CHECK(magnitude(bench.estimator.unicast_delay() - us(500)) < us(60));
      CHECK(worst < us(150));
      CHECK(beyond <= 1);
    }
  }
}

TEST_CASE("estimator: half a busy minute is not learnt, however often announcements come") {
  const sim::Delay busy = sim::exponential(us(100), ms(2));
  for (const Duration interval : {ms(125), s(1)}) {
    CAPTURE(interval.to_seconds());
    EstimatorBench bench{alike(kQuiet)};
    bench.interval = interval;
    bench.live(4'000);
    const double late = bench.estimator.noise(Way::announcement).late();
    bench.network = {busy, kQuiet, busy};
    bench.live(static_cast<int>(s(30).count_ns() / interval.count_ns()));
    CHECK(bench.estimator.noise(Way::announcement).late() < 2 * late);
    CHECK(magnitude(bench.error()) < us(20));
  }
}

TEST_CASE("estimator: a clock that jumps just behind a busy minute is followed all the same") {
  const sim::Delay busy = sim::exponential(us(100), ms(2));
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    CAPTURE(seed);
    EstimatorBench bench{alike(kQuiet), seed};
    bench.live(2'000);
    bench.network = alike(busy);
    bench.live(60);
    bench.network = alike(kQuiet);
    bench.ahead = bench.ahead + ms(3);
    for (int i = 0; i < 60; ++i) bench.announce_later(s(1));  // nobody answers
    CHECK(magnitude(bench.error()) < us(60));
  }
}

TEST_CASE(
    "estimator: with nobody to ask, a step is no shorter way, however rare announcements are") {
  for (const Duration interval : {s(1), s(16), s(64)}) {
    CAPTURE(interval.to_seconds());
    int beyond = 0;
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
      EstimatorBench bench{alike(kQuiet), seed};
      bench.estimator.restart(us(110), us(20));
      for (int i = 0; i < 300; ++i) bench.announce_later(interval);
      bench.ahead = bench.ahead + us(50);
      for (int i = 0; i < 300; ++i) {
        bench.announce_later(interval);
        if (magnitude(bench.error()) > bench.estimator.at(bench.now).error) ++beyond;
      }
    }
    CHECK(beyond < 10 * 300 / 50);
  }
}

TEST_CASE("estimator: with nobody to ask, another network is learnt within ten minutes of it") {
  EstimatorBench bench{alike(kQuiet)};
  bench.estimator.restart(us(110), us(20));
  for (int i = 0; i < 1'000; ++i) bench.announce_later(s(1));
  bench.network = alike(sim::exponential(us(100), us(500)));
  for (int i = 0; i < 600; ++i) bench.announce_later(s(1));
  CHECK(bench.estimator.noise(Way::announcement).late() > 100'000);
  CHECK(magnitude(bench.error()) < bench.estimator.at(bench.now).error);
}

TEST_CASE("estimator: exchanges that are all held up are asked about, and learnt within minutes") {
  EstimatorBench bench{alike(kQuiet)};
  bench.live(2'000);
  bench.network.there = bench.network.back = kLonger;
  bench.live(120);
  CHECK(bench.estimator.noise(Way::there).late() > 200'000);
  CHECK(magnitude(bench.error()) < us(60));
}

TEST_CASE("estimator: misfits of long ago do not make noise of nothing") {
  // One in a quarter of a minute, late; then as many that fit as make up for their number, but not
  // for their time; then exchanges that are held up.
  EstimatorBench bench{alike(kQuiet)};
  bench.live(600);
  for (int i = 0; i < 16; ++i) {
    bench.network.announcement = sim::exponential(i % 2 == 0 ? us(400) : us(1'900), us(10));
    bench.announce_later(s(15));
  }
  bench.network.announcement = kQuiet;
  for (int i = 0; i < 66; ++i) bench.announce_later(s(1));
  bench.network.there = kLonger;
  for (int i = 0; i < 4; ++i) static_cast<void>(bench.ask());
  CHECK(bench.estimator.noise(Way::announcement).late() < 50'000);
  CHECK(magnitude(bench.error()) < bench.estimator.at(bench.now).error);
}

TEST_CASE("estimator: exchanges of which many are held up are not asked for more often") {
  for (const double share : {0.3, 0.5, 0.65, 0.8}) {
    CAPTURE(share);
    const sim::Delay mixed = [share](sim::Random& random, Duration at) {
      return kQuiet(random, at) + (random.uniform() < share ? us(200) : Duration{});
    };
    EstimatorBench bench{{kQuiet, mixed, kQuiet}};
    bench.live(3'600);
    const std::uint32_t before = bench.asked;
    bench.live(4 * 3'600);
    CHECK(bench.asked - before < 4 * 200);  // an hour; 150 is rare
  }
}

TEST_CASE("estimator: another network costs some questions, and once it is learnt few") {
  EstimatorBench bench{alike(kQuiet)};
  bench.live(2'000);
  const std::uint32_t before = bench.asked;
  bench.network = alike(kLonger);
  bench.live(2'000);
  CHECK(bench.asked - before < 400);  // to learn it
  const std::uint32_t then = bench.asked;
  bench.live(4'000);
  CHECK(bench.asked - then < 4'000 / 16);
}

TEST_CASE("estimator: a longer way that comes and goes within minutes is not taken for time") {
  const sim::Delay longer = sim::gaussian(us(600), us(80));
  double all = 0;
  for (std::uint64_t seed = 1; seed <= 16; ++seed) {
    EstimatorBench bench{alike(kQuiet), seed};
    bench.live(1'000);
    double squares = 0;
    for (int i = 0; i < 14; ++i) {
      bench.network = alike(i % 2 == 0 ? longer : kQuiet);
      bench.live(300, [&] { squares += std::pow(bench.error().to_seconds() * 1e6, 2); });
    }
    all += std::sqrt(squares / (14 * 300));
  }
  CHECK(all / 16 < 20);
}

TEST_CASE("estimator: exchanges bring back what was led astray by a rate that jumped") {
  // Three packets in ten go another way.
  const sim::Delay two =
      sim::sometimes(0.3, sim::exponential(us(500), us(20)), sim::exponential(us(200), us(10)));
  for (const double jump : {2'000, 10'000}) {
    CAPTURE(jump);
    for (std::uint64_t seed = 1; seed <= 8; ++seed) {
      CAPTURE(seed);
      EstimatorBench bench{alike(two), seed};
      bench.live(1'000);
      bench.change_rate(jump);
      Duration worst{};
      bench.live(1'800, [&] { worst = std::max(worst, magnitude(bench.error())); });
      CHECK(worst < us(1'500));  // what an exchange takes by both of the longer ways
      worst = {};
      bench.live(600, [&] { worst = std::max(worst, magnitude(bench.error())); });
      CHECK(worst < us(60));
    }
  }
}

TEST_CASE("estimator: exchanges bring back what was led astray by a rate that swings for minutes") {
  const Network network{sim::exponential(ms(1), us(10)), kQuiet, kQuiet};
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    CAPTURE(seed);
    EstimatorBench bench{network, seed};
    bench.live(1'000);
    Duration worst{};
    const auto look = [&] { worst = std::max(worst, magnitude(bench.error())); };
    bench.live(600, [&] {
      look();
      bench.change_rate(20);  // ppb, each second
    });
    bench.live(1'200, look);
    CHECK(worst < us(400));
    worst = {};
    bench.live(600, look);
    CHECK(worst < us(20));
  }
}

TEST_CASE("estimator: stamps that are as noisy as the way is long lead nothing astray") {
  struct Host {
    Duration noise;
    Duration way;
  };
  for (const Host& host :
       {Host{us(3), us(3)}, Host{us(10), us(3)}, Host{us(20), us(30)}, Host{us(60), us(100)}}) {
    CAPTURE(host.noise.count_ns());
    const sim::Delay noisy = [host](sim::Random& random, Duration) {
      return host.way + Duration::from_seconds(host.noise.to_seconds() * random.normal());
    };
    double squares = 0;
    std::uint32_t asked = 0;
    for (std::uint64_t seed = 1; seed <= 6; ++seed) {
      EstimatorBench bench{alike(noisy), seed};
      bench.live(600);
      const std::uint32_t before = bench.asked;
      bench.live(7'200, [&] { squares += std::pow(bench.error().to_seconds(), 2); });
      asked += bench.asked - before;
    }
    CHECK(std::sqrt(squares / (6 * 7'200)) < 0.8 * host.noise.to_seconds());
    CHECK(asked / 6 < 450);  // 300 are usual
  }
}

TEST_CASE("estimator: what is learnt of a bell's shape is not taken for time") {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    CAPTURE(seed);
    const sim::Delay bell = sim::gaussian(us(300), us(20));
    EstimatorBench bench{{sim::gaussian(us(320), us(20)), bell, bell}, seed};
    bench.live(1'000);
    double squares = 0;
    bench.live(3'000, [&] { squares += std::pow(bench.error().to_seconds() * 1e6, 2); });
    CHECK(std::sqrt(squares / 3'000) < 8);
  }
}

}  // namespace timecast::test
