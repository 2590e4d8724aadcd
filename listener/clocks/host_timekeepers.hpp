// SPDX-License-Identifier: MIT
//
// Who else keeps this host's clock, and what `--clock auto` does about it:
//
//     chronyd runs, and has our socket        feed it
//     chronyd runs without                    nothing; the line to add
//     the kernel does not tell of its clock   nothing
//     another daemon keeps it synchronised    nothing
//     this process may not set the clock      nothing
//     otherwise                               discipline the kernel's
//
// Threads: any.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "common/host/kernel_tables.hpp"
#include "listener/clocks/clock_choice.hpp"

namespace timecast {

// As the kernel names them: the first 15 octets.
inline constexpr std::string_view kChronyd = "chronyd";
inline constexpr std::string_view kTimesyncd = "systemd-timesyn";
inline constexpr std::array<std::string_view, 5> kClockPrograms{kChronyd, "ntpd", "ntp-daemon",
                                                                kTimesyncd, "phc2sys"};
[[nodiscard]] bool keeps_clocks(const Process& process) noexcept;

struct Timekeepers {
  bool chronyd = false;
  bool chrony_socket = false;    // at kUsualChronySocket
  std::string another;           // the name of a daemon that runs, but chronyd
  bool is_synchronised = false;  // by the kernel's word
  bool may_set_clock = false;    // CAP_SYS_TIME
  bool was_ours = false;         // the word of a listener that was here before: see word_memory.hpp
  bool has_loop = false;         // the kernel steers by offsets that somebody gives it; no listener
  int kernel_failure = 0;        // why the kernel gives no word: an errno value
};

// Looks at `proc`, which is /proc. Does not know of `was_ours`.
[[nodiscard]] Timekeepers find_timekeepers(const std::string& proc = "/proc");

// A daemon that keeps this host's clock, as people know it; empty if none runs.
[[nodiscard]] std::string keeper_name(const Timekeepers& found);

struct AutomaticChoice {
  ClockChoice choice;  // not `automatic`
  std::string because;
};
[[nodiscard]] AutomaticChoice choose_clock(const Timekeepers& found);

}  // namespace timecast
