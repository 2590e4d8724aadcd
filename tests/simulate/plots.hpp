// SPDX-License-Identifier: MIT
//
// Plots of how error, claimed error and bound went in the first seed's run.
#pragma once

#include "tests/simulate/svg.hpp"
#include "tests/simulate/verdict.hpp"

namespace timecast::simulate {

// Whether this scenario has one.
[[nodiscard]] bool is_plotted(const sim::Scenario& scenario);
[[nodiscard]] Plot plot_of(const Outcome& outcome);

}  // namespace timecast::simulate
