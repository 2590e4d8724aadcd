// SPDX-License-Identifier: MIT
//
// Programs that are known to keep a host's clock.
//
// Threads: any.
#pragma once

#include <array>
#include <string_view>
#include <vector>

#include "common/host/kernel_tables.hpp"

namespace timecast {

// As the kernel names them: the first 15 octets.
inline constexpr std::string_view kChronyd = "chronyd";
inline constexpr std::string_view kTimesyncd = "systemd-timesyn";
inline constexpr std::array<std::string_view, 5> kClockPrograms{kChronyd, "ntpd", "ntp-daemon",
                                                                kTimesyncd, "phc2sys"};
[[nodiscard]] bool keeps_clocks(const Process& process) noexcept;

// Those that run here and may set the clock, one of each name.
[[nodiscard]] std::vector<Process> list_clock_programs();

}  // namespace timecast
