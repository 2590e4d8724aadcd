// SPDX-License-Identifier: MIT
#include "common/host/clock_programs.hpp"

#include <algorithm>

namespace timecast {

namespace {

// As kClockPrograms counts them; their number if it is none.
std::size_t number_of(const Process& process) noexcept {
  const auto* const known = std::find(kClockPrograms.begin(), kClockPrograms.end(), process.name);
  return static_cast<std::size_t>(known - kClockPrograms.begin());
}

bool is_known(const Process& process) noexcept {
  return number_of(process) != kClockPrograms.size();
}

}  // namespace

RunningClockPrograms running_clock_programs(const std::string& proc) {
  RunningClockPrograms running;
  for (const Process& each : list_processes(proc)) {
    if (!is_known(each)) continue;
    std::uint16_t& kind = may_set_clock(each, proc) ? running.keeping : running.powerless;
    kind = static_cast<std::uint16_t>(kind | 1U << number_of(each));
  }
  return running;
}

std::vector<Process> list_clock_programs() {
  std::vector<Process> programs;
  for (const Process& each : list_processes()) {
    const bool is_listed = std::any_of(programs.begin(), programs.end(),
                                       [&](const Process& p) { return p.name == each.name; });
    if (is_known(each) && !is_listed && may_set_clock(each)) programs.push_back(each);
  }
  return programs;
}

}  // namespace timecast
