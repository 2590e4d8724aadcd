// SPDX-License-Identifier: MIT
//
// Programs that are known to keep a host's clock.
//
// Threads: any.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/host/kernel_tables.hpp"

namespace timecast {

// As the kernel names them: the first 15 octets.
inline constexpr std::string_view kChronyd = "chronyd";
inline constexpr std::string_view kTimesyncd = "systemd-timesyn";
inline constexpr std::array<std::string_view, 5> kClockPrograms{kChronyd, "ntpd", "ntp-daemon",
                                                                kTimesyncd, "phc2sys"};

// Of those that run in `proc`, which is /proc, a bit for each of kClockPrograms. A name is nobody's
// own: who may not set the clock does not keep it, whatever it is called.
struct RunningClockPrograms {
  std::uint16_t keeping = 0;    // may set this host's clock
  std::uint16_t powerless = 0;  // may not
};
[[nodiscard]] RunningClockPrograms running_clock_programs(const std::string& proc = "/proc");

// Those that run here and may set the clock, one of each name.
[[nodiscard]] std::vector<Process> list_clock_programs();

}  // namespace timecast
