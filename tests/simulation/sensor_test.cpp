// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <cstdlib>

#include "tests/simulation/sensor.hpp"

using namespace timecast;
using namespace timecast::sim;

namespace {

constexpr Duration kDay = Duration::seconds(86'400);

constexpr Duration kWeek = Duration::seconds(7 * 86'400);

// All of it with the long tests.
Duration long_enough() { return std::getenv("TIMECAST_TEST_FULL") == nullptr ? kDay : kWeek; }

Scenario scenario(std::string_view name) {
  for (const Scenario& each : all_scenarios()) {
    if (each.name == name) return each;
  }
  FAIL("there is no such scenario");
  return {};
}

// Hosts that announce are corrected now and then; without that what they say is a day old some
// time.
void keep_corrected(World& world, AnnouncerNode& announcer) {
  const Duration hour = Duration::seconds(3'600);
  for (Duration at = hour; at < long_enough(); at += hour) {
    world.at(at, [&] { announcer.options.state.max_error = Duration::microseconds(1); });
    world.at(at + Duration::seconds(5), [&] { announcer.options.state.max_error = Duration{}; });
  }
}

struct Life {
  World world;
  AnnouncerNode& announcer;
  Sensor sensor;
  Life(std::uint64_t seed, const Scenario& on, const SensorOptions& options)
      : world{seed}, announcer{world.add_announcer(on.announcer)}, sensor{world, options} {
    keep_corrected(world, announcer);
  }
};

}  // namespace

TEST_CASE("sim: a sensor that sleeps ten minutes at a time keeps time on a cheap oscillator") {
  const std::uint64_t first = seed_from_environment_or(1);
  const Scenario cheap = scenario("C");
  for (std::uint64_t seed = first; seed < first + 3; ++seed) {
    CAPTURE(seed);
    Life life{seed, cheap, {cheap.listener}};
    const SensorOutcome seen = life.sensor.live(long_enough());
    MESSAGE("worst error ", seen.worst.to_seconds(), " s, worst bound ",
            seen.worst_bound.to_seconds(), " s, receiver on ", 100 * seen.share_on(long_enough()),
            " %, announcements ", seen.announcements, ", errors broken ", seen.errors_broken,
            " of ", seen.looks);
    CHECK(seen.looks > 8'000);
    CHECK(seen.without_time == 0);
    CHECK(seen.worst < Duration::milliseconds(20));
    CHECK(seen.bounds_broken == 0);
    // Learning is more of a day than of a week.
    const double learning = 300 / long_enough().to_seconds();
    CHECK(seen.share_on(long_enough()) <= 0.002 + learning);
  }
}
