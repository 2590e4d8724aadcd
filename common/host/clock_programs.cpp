// SPDX-License-Identifier: MIT
#include "common/host/clock_programs.hpp"

#include <algorithm>

namespace timecast {

bool keeps_clocks(const Process& process) noexcept {
  return std::find(kClockPrograms.begin(), kClockPrograms.end(), process.name) !=
         kClockPrograms.end();
}

std::vector<Process> list_clock_programs() {
  std::vector<Process> programs;
  for (const Process& each : list_processes()) {
    const bool is_known = std::any_of(programs.begin(), programs.end(),
                                      [&](const Process& p) { return p.name == each.name; });
    if (keeps_clocks(each) && !is_known && may_set_clock(each)) programs.push_back(each);
  }
  return programs;
}

}  // namespace timecast
