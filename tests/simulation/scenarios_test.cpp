// SPDX-License-Identifier: MIT
//
// The short version of what timecast-simulate measures: an hour of each scenario, loose bounds.
#include "tests/simulation/scenarios.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <ostream>
#include <string_view>

#include "tests/simulation/score.hpp"

namespace timecast::sim {
namespace {

Scenario scenario(std::string_view name) {
  const std::vector<Scenario> all = all_scenarios();
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const Scenario& each) { return each.name == name; });
  REQUIRE(found != all.end());
  return *found;
}

std::vector<Run> runs_of(const Scenario& scenario, int seeds) {
  std::vector<Run> runs;
  for (int seed = 1; seed <= seeds; ++seed) {
    RunOptions options;
    options.seed = seed_from_environment_or(static_cast<std::uint64_t>(seed));
    runs.push_back(run(scenario, options));
  }
  return runs;
}

}  // namespace

TEST_CASE("sim: an hour of each scenario stays within loose bounds") {
  struct Row {
    std::string_view name;
    double rms_us;
    double linear_us;  // what the scenario lets a linear filter do
    bool is_calm = true;
  };
  const Row rows[] = {
      {"A", 4, 3},
      {"A0", 4, 3},
      {"A1", 4, 3},
      {"B", 300, 200},
      {"C", 300, 250},
      {"D", 4, 3},
      {"G", 25, 3},
      {"H", 12, 4},
      {"temperature", 5, 6},
      {"uplink", 200, 700},
      {"downlink", 300, 700},
      {"DTIM", 20'000, 60'000},
      {"busy", 300, 1'500, false},
      {"tail", 2, 6},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    Scenario short_one = scenario(row.name);
    short_one.hours = 1;
    const Summary outcome = summary(runs_of(short_one, 2));
    const Run& pooled = outcome.pooled;
    CHECK(pooled.error.rms() > 0);
    CHECK(pooled.error.rms() < row.rms_us);
    CHECK(pooled.linear.root() > 0);
    CHECK(pooled.linear.root() < row.linear_us);
    CHECK(pooled.seconds_known > 7'000);
    if (!row.is_calm) continue;  // bursts
    CHECK(pooled.errors_broken <= pooled.seconds_known / 200);
    CHECK(pooled.bounds_broken == 0);
  }
}

TEST_CASE("sim: in holdover the oracle errs by what the oscillator wanders, and nobody by less") {
  Scenario holdover = scenario("E");
  constexpr TrueTime kLoss = Duration::seconds(1'800);
  holdover.silent_from = kLoss;
  holdover.hours = 1;
  holdover.listener.down = lost_within({kLoss, Duration::seconds(9'000)}, holdover.listener.up);
  const Summary outcome = summary(runs_of(holdover, 20));
  REQUIRE(outcome.holdover.size() == 4);
  for (std::size_t i = 0; i < outcome.holdover.size(); ++i) {
    const double t = kHoldoverSeconds[i];
    const double floor_us = 1e-9 * std::sqrt(t * t * t / 3) * 1e6;
    CHECK(outcome.holdover[i].oracle_us > 0.6 * floor_us);
    CHECK(outcome.holdover[i].oracle_us < 1.5 * floor_us);
    CHECK(outcome.holdover[i].error_us > 0.8 * outcome.holdover[i].oracle_us);
    CHECK(outcome.holdover[i].error_us < 300);
  }
}

TEST_CASE("sim: the server's step is stepped after when a limit allows it, and slewed otherwise") {
  constexpr TrueTime kStep = Duration::seconds(1'800);
  for (const bool may_step : {true, false}) {
    Scenario step = scenario("F");
    step.announcer.jumps = {{kStep, Duration::milliseconds(50)}};
    step.stepped_at = kStep;
    step.hours = 1;
    if (!may_step) step.listener.step_over.reset();
    for (const Run& each : runs_of(step, 5)) {
      CHECK(each.estimate_after_step[0].value_or(99) <= 3);
      const double within = each.after_step[0].value_or(9'999);
      if (may_step) {
        CHECK(within <= 5);
      } else {
        CHECK(within >= 95);  // 49 ms at 500 ppm
        CHECK(within <= 110);
      }
    }
  }
}

TEST_CASE("sim: where announcers cannot be asked no step is confirmed") {
  Scenario step = scenario("F");
  step.announcer.jumps = {{Duration::seconds(1'800), Duration::milliseconds(50)}};
  step.stepped_at = Duration::seconds(1'800);
  step.hours = 1;
  step.listener.listen_only = true;
  for (const Run& each : runs_of(step, 2)) CHECK(each.after_step[0].value_or(9'999) >= 90);
}

TEST_CASE("sim: a host that slept goes on, and its clock is put right") {
  World world{seed_from_environment_or(1)};
  world.add_announcer({.sending = constant(Duration{})});
  auto& listener = world.add_listener(
      {.suspended = {{Duration::seconds(600), Duration::seconds(4'200)}}, .steer = true});
  const auto error_ns = [&] { return std::abs(listener.clock().error_ns(world.now())); };
  world.run_for(Duration::seconds(599));
  CHECK(error_ns() < 20'000);
  world.run_for(Duration::seconds(3'611));
  CHECK(listener.slept == Duration::seconds(3'600));
  CHECK(listener.status().state == State::synchronised);
  world.run_for(Duration::seconds(300));
  CHECK(error_ns() < 20'000);
}

TEST_CASE("sim: a clock that others set is put right within the policy") {
  World world{seed_from_environment_or(1)};
  world.add_announcer({.sending = constant(Duration{})});
  auto& listener = world.add_listener({.jumps = {{Duration::seconds(600), Duration::seconds(7)}},
                                       .steer = true,
                                       .step_over = Duration::milliseconds(20)});
  world.run_for(Duration::seconds(601));
  CHECK(std::abs(listener.clock().error_ns(world.now())) > 6.9e9);
  world.run_for(Duration::seconds(4));
  CHECK(std::abs(listener.clock().error_ns(world.now())) < 20'000);
}

TEST_CASE("sim: the same seed gives the same score") {
  Scenario wired = scenario("A");
  wired.hours = 1;
  RunOptions options;
  options.seed = 77;
  const Run first = run(wired, options);
  const Run second = run(wired, options);
  CHECK(first.error.rms() == second.error.rms());
  CHECK(first.queries == second.queries);
}

}  // namespace timecast::sim
