// SPDX-License-Identifier: MIT
#include "tests/simulate/plots.hpp"

#include <algorithm>
#include <cmath>
#include <string_view>

namespace timecast::simulate {
namespace {

constexpr std::size_t kColumns = 720;

// The largest of each column: nothing that happened is hidden.
Line line_of(std::string name, const std::vector<sim::Instant>& path, float sim::Instant::*what) {
  Line line{std::move(name), {}, {}};
  const std::size_t span = std::max(path.size() / kColumns, std::size_t{1});
  for (std::size_t i = 0; i < path.size(); i += span) {
    float most = 0;
    for (std::size_t k = i; k < std::min(i + span, path.size()); ++k) {
      most = std::max(most, std::abs(path[k].*what));
    }
    line.x.push_back(static_cast<double>(i + 1) / 3'600);
    line.y.push_back(static_cast<double>(most));
  }
  return line;
}

}  // namespace

bool is_plotted(const sim::Scenario& scenario) {
  return std::string_view{"ABEF"}.find(scenario.name) != std::string_view::npos;
}

Plot plot_of(const Outcome& outcome) {
  Plot plot{"Scenario " + outcome.scenario.name + ", " + outcome.scenario.title,
            "hours",
            "microseconds, the largest of each minute or so",
            {}};
  plot.lines.push_back(line_of("bound_s", outcome.path, &sim::Instant::bound_us));
  plot.lines.push_back(line_of("error_s", outcome.path, &sim::Instant::claimed_us));
  plot.lines.push_back(line_of("error of the estimate", outcome.path, &sim::Instant::estimate_us));
  plot.lines.push_back(line_of("error of the clock", outcome.path, &sim::Instant::error_us));
  return plot;
}

}  // namespace timecast::simulate
