// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <cstdlib>

#include "tests/simulation/sensor.hpp"

using namespace timecast;
using namespace timecast::sim;

namespace {

constexpr Duration kWeek = Duration::seconds(7 * 86'400);

// More oscillators with the long tests.
std::uint64_t seeds() { return std::getenv("TIMECAST_TEST_FULL") == nullptr ? 1 : 10; }

Scenario scenario(std::string_view name) {
  for (const Scenario& each : all_scenarios()) {
    if (each.name == name) return each;
  }
  FAIL("there is no such scenario");
  return {};
}

struct Life {
  World world;
  Sensor sensor;
  Life(std::uint64_t seed, const Scenario& on, const SensorOptions& options)
      : world{seed}, sensor{world, options} {
    world.add_announcer(on.announcer);
  }
};

}  // namespace

TEST_CASE("sim: a sensor that sleeps ten minutes at a time keeps time on a cheap oscillator") {
  const std::uint64_t first = seed_from_environment_or(1);
  const Scenario cheap = scenario("C");
  for (std::uint64_t seed = first; seed < first + seeds(); ++seed) {
    CAPTURE(seed);
    Life life{seed, cheap, {cheap.listener}};
    const SensorOutcome seen = life.sensor.live(kWeek);
    MESSAGE("a week: worst error ", seen.worst.to_seconds(), " s, worst bound ",
            seen.worst_bound.to_seconds(), " s, receiver on ", 100 * seen.share_on(kWeek), " %");
    CHECK(seen.looks == 60'450);
    CHECK(seen.without_time == 0);
    CHECK(seen.worst < Duration::milliseconds(20));
    CHECK(seen.bounds_broken == 0);
    CHECK(seen.errors_broken == 0);
    CHECK(seen.worst_bound < Duration::milliseconds(50));
    CHECK(seen.share_on(kWeek) <= 0.0025);
  }
}

TEST_CASE("sim: a sensor that loses one packet in five keeps time, and listens no longer") {
  Scenario lossy_one = scenario("C");
  lossy_one.listener.down = lossy(0.2, lossy_one.listener.down);
  Life life{seed_from_environment_or(1), lossy_one, {lossy_one.listener}};
  const SensorOutcome seen = life.sensor.live(kWeek);
  CHECK(seen.without_time == 0);
  CHECK(seen.worst < Duration::milliseconds(20));
  CHECK(seen.bounds_broken == 0);
  CHECK(seen.share_on(kWeek) <= 0.0025);
}
