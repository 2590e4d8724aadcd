// SPDX-License-Identifier: MIT
//
// The networks and clocks on which accuracy is measured, as data: A to H, which other
// implementations were measured on too, and some of our own.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/simulation/linear_filter.hpp"

namespace timecast::sim {

// What must hold of the true error over all seeds; zero means there is no such goal. Microseconds
// and seconds.
struct Goal {
  double rms_us = 0;
  double p99_us = 0;
  double rate_ppb = 0;       // RMS error of the steered clock's rate
  double cold_limit_us = 0;  // how near the clock must come, and
  double cold_s = 0;         // within how long, the median seed
  double aim_rms_us = 0;     // what would be better still
  double aim_p99_us = 0;
  double aim_cold_s = 0;
};

struct Scenario {
  std::string name;
  std::string title;
  AnnouncerOptions announcer;
  ListenerOptions listener;
  Told told;
  Goal goal;
  int seeds = 10;
  int hours = 12;
  std::optional<TrueTime> silent_from = {};  // holdover is measured from here on
  std::optional<TrueTime> stepped_at = {};   // of the server's clock
  bool is_ours = false;                      // nobody else was measured on it
};

// In the order in which tables show them.
[[nodiscard]] std::vector<Scenario> all_scenarios();

}  // namespace timecast::sim
