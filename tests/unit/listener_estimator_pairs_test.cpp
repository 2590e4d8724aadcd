// SPDX-License-Identifier: MIT
//
// Queries come in pairs: the first wakes the hosts, the second finds them awake. And the stamps of
// an exchange may come much later than it was.
#include <doctest/doctest.h>

#include <algorithm>
#include <string_view>

#include "tests/unit/listener_estimator_bench.hpp"

namespace timecast::test {
namespace {

struct Host {
  std::string_view name;
  Duration there;  // what a request and a reply take to wake it
  Duration back;
};
const Host kHosts[] = {{"asks slowly", us(20), us(4)}, {"answers slowly", us(4), us(20)}};

Network awake() { return alike(sim::exponential(ns(1'200), ns(100))); }

// An announcement, and a pair 10 ms apart.
void live_in_pairs(EstimatorBench& bench, const Host& host) {
  bench.announce_later(ms(900));
  bench.now = bench.now + ms(90);
  bench.network.there = sim::exponential(ns(1'200) + host.there, us(2));
  bench.network.back = sim::exponential(ns(1'200) + host.back, us(2));
  static_cast<void>(bench.ask());
  bench.network = awake();
  bench.now = bench.now + ms(10);
  static_cast<void>(bench.ask());
}

}  // namespace

TEST_CASE("estimator: that the first query of a pair wakes hosts is not taken for time") {
  for (const Host& host : kHosts) {
    CAPTURE(host.name);
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
      CAPTURE(seed);
      EstimatorBench bench{awake(), seed};
      Duration worst{};
      int beyond = 0;
      for (int i = 0; i < 60; ++i) {
        live_in_pairs(bench, host);
        if (i >= 5) worst = std::max(worst, magnitude(bench.error()));
        if (magnitude(bench.error()) > bench.estimator.at(bench.now).error) ++beyond;
      }
      CHECK(worst < us(2));
      CHECK(beyond == 0);
    }
  }
}

TEST_CASE("estimator: a network whose every exchange is held up is believed") {
  EstimatorBench bench{awake()};
  for (int i = 0; i < 20; ++i) live_in_pairs(bench, kHosts[0]);
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
    const Duration hard = bench.estimator.hard_error();
    static_cast<void>(bench.estimator.add_exchange(before.there, before.back));
    CHECK(bench.estimator.hard_error() < hard + us(5));
  }
}

TEST_CASE("estimator: where exchanges contradict what is believed, the error says by how much") {
  EstimatorBench bench{alike(sim::exponential(us(100), us(10)))};
  bench.live(600);
  bench.ahead = bench.ahead + ms(2);
  REQUIRE_FALSE(bench.ask());
  CHECK(magnitude(bench.error()) > us(1'900));
  CHECK(bench.estimator.at(bench.now).error > magnitude(bench.error()));
}

}  // namespace timecast::test
