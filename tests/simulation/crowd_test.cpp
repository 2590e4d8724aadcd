// SPDX-License-Identifier: MIT
//
// A site comes up at once. scripts/bench scale does the same with ten times as many.
#include <doctest/doctest.h>

#include <string_view>

#include "tests/simulation/crowd.hpp"
#include "tests/simulation/world.hpp"

namespace timecast::sim {
namespace {

struct Event {
  std::string_view name;
  CrowdEvent event;
};
constexpr Event kEvents[] = {
    {"the announcer starts", CrowdEvent::announcer_starts},
    {"power returns", CrowdEvent::power_returns},
    {"the network heals", CrowdEvent::network_heals},
};

}  // namespace

TEST_CASE("crowd: a thousand listeners ask less than 200 times a second and soon have the time") {
  for (const Event& each : kEvents) {
    CAPTURE(each.name);
    const CrowdOutcome outcome = watch_crowd(each.event, 1'000, seed_from_environment_or(1));
    CHECK(outcome.most_queries < 200);
    CHECK(outcome.refused == 0);
    CHECK(outcome.never == 0);
    // As many as for one.
    CHECK(outcome.announcements >= 119);
    CHECK(outcome.announcements <= 121);
  }
}

}  // namespace timecast::sim
