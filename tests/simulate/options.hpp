// SPDX-License-Identifier: MIT
//
// The command line of timecast-simulate.
//
// Errors:  a Farewell, as the other programs'.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <timecast/time/duration.hpp>

#include "common/host/program.hpp"

namespace timecast::simulate {

struct Options {
  std::vector<std::string> scenarios;  // empty: A to H
  bool all = false;
  std::optional<int> seeds;  // instead of each scenario's own number
  std::optional<int> hours;
  unsigned threads = 1;
  std::optional<Duration> interval;
  bool json = false;
  std::optional<std::string> svg_folder;
  std::optional<std::string> markdown_file;
};

// `names`: of all scenarios there are.
[[nodiscard]] Expected<Options, Farewell> parse_options(const std::vector<std::string>& names,
                                                        int argc, const char* const* argv);

}  // namespace timecast::simulate
