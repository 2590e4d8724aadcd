// SPDX-License-Identifier: MIT
//
// What must hold of a scenario's outcome, and whether it does.
#pragma once

#include <string>
#include <vector>

#include "tests/simulation/score.hpp"

namespace timecast::simulate {

struct Outcome {
  sim::Scenario scenario;
  sim::Summary summary;
  std::vector<sim::Instant> path;  // of the first seed, if it was kept
};

struct Verdict {
  std::string scenario;
  std::string what;  // "RMS error, us"
  double value = 0;  // infinite: never
  double most = 0;
  [[nodiscard]] bool passed() const { return value <= most; }
};

[[nodiscard]] std::vector<Verdict> verdicts_on(const Outcome& outcome);

}  // namespace timecast::simulate
