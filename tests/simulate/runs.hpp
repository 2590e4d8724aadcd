// SPDX-License-Identifier: MIT
//
// Runs scenarios with all their seeds, several at a time: each run is a world of its own.
#pragma once

#include "tests/simulate/progress.hpp"
#include "tests/simulate/verdict.hpp"

namespace timecast::simulate {

// In the order of the scenarios, whichever is done first. `keeps_paths`: for plots.
[[nodiscard]] std::vector<Outcome> run_all(const std::vector<sim::Scenario>& scenarios,
                                           unsigned threads, bool keeps_paths, Progress& progress);

}  // namespace timecast::simulate
