// SPDX-License-Identifier: MIT
//
// Queries come in pairs: the first wakes the hosts, the second finds them awake. And the stamps of
// an exchange may come much later than it was.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string_view>

#include "tests/unit/listener_estimator_bench.hpp"

namespace timecast::test {
namespace {

struct Host {
  std::string_view name;
  Duration there;  // what a request and a reply take to wake it
  Duration back;
  sim::Delay announced;
  Duration most;  // that the offset is off, after some seconds
};
const sim::Delay kAwake = sim::exponential(ns(1'200), ns(100));
const Host kHosts[] = {{"asks slowly", us(20), us(4), kAwake, us(2)},
                       {"answers slowly", us(4), us(20), kAwake, us(2)},
                       {"hears slowly", us(18), us(3), sim::gaussian(us(20), us(3)), us(5)},
                       {"hears erratically", us(30), us(3), sim::gaussian(us(40), us(20)), us(10)},
                       {"hears very slowly", us(60), us(3), sim::gaussian(us(80), us(15)), us(15)}};

// An announcement, and a pair 10 ms apart. As in life, the stamps of the first come with the reply
// to the second, and those of the second with the next pair.
class PairedLife {
 public:
  PairedLife(const Host& host, std::uint64_t seed) : bench{alike(kAwake), seed}, host_{host} {}

  EstimatorBench bench;

  void live() {
    bench.network = {host_.announced, sim::exponential(ns(1'200) + host_.there, us(2)),
                     sim::exponential(ns(1'200) + host_.back, us(2))};
    bench.announce_later(ms(700 + static_cast<std::int64_t>(400 * bench.random.uniform())));
    bench.now = bench.now + ms(90);
    const EstimatorBench::Exchange first = bench.exchange();
    if (second_) learn(*second_);
    bench.network = alike(kAwake);
    bench.now = bench.now + ms(10);
    second_ = bench.exchange();
    learn(first);
  }

 private:
  void learn(const EstimatorBench::Exchange& told) {
    bench.now = std::max(bench.now, told.back.at);
    static_cast<void>(bench.estimator.add_exchange(told.there, told.back));
  }

  const Host& host_;
  std::optional<EstimatorBench::Exchange> second_;
};

}  // namespace

TEST_CASE("estimator: that hosts are asleep when they are asked, or told, is not taken for time") {
  for (const Host& host : kHosts) {
    CAPTURE(host.name);
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
      CAPTURE(seed);
      PairedLife life{host, seed};
      Duration worst{};
      int beyond = 0;
      for (int i = 0; i < 60; ++i) {
        life.live();
        const Duration error = magnitude(life.bench.error());
        if (i >= 5) worst = std::max(worst, error);
        if (error > life.bench.estimator.at(life.bench.now).error) ++beyond;
      }
      CHECK(worst < host.most);
      CHECK(beyond == 0);
    }
  }
}

TEST_CASE("estimator: a network whose every exchange is held up is believed") {
  PairedLife life{kHosts[0], 1};
  for (int i = 0; i < 20; ++i) life.live();
  EstimatorBench& bench = life.bench;
  bench.network = alike(sim::exponential(us(500), us(50)));
  bench.live(600);
  CHECK(magnitude(bench.error()) < us(20));
  CHECK(magnitude(bench.estimator.unicast_delay() - us(500)) < us(20));
}

TEST_CASE("estimator: an exchange whose stamps come with the next limits the offset of its time") {
  for (const double ppb : {20'000.0, -90'000.0}) {
    CAPTURE(ppb);
    EstimatorBench bench{alike(sim::exponential(us(100), us(10)))};
    bench.ppb = ppb;
    bench.live(600);
    const auto before = bench.exchange();
    for (int i = 0; i < 40; ++i) bench.announce_later(s(1));
    const Duration hard = bench.estimator.hard_error(bench.now);
    static_cast<void>(bench.estimator.add_exchange(before.there, before.back));
    CHECK(bench.estimator.hard_error(bench.now) < hard + us(5));
  }
}

TEST_CASE("estimator: where exchanges contradict what is believed, the error says by how much") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    CAPTURE(seed);
    EstimatorBench bench{alike(sim::exponential(us(100), us(10))), seed};
    bench.live(600);
    bench.ahead = bench.ahead + ms(2);
    REQUIRE_FALSE(bench.ask());
    CHECK(magnitude(bench.error()) > us(1'900));
    const Duration error = bench.estimator.at(bench.now).error;
    CHECK(error > magnitude(bench.error()));
    CHECK(error < magnitude(bench.error()) + us(500));
  }
}

}  // namespace timecast::test
