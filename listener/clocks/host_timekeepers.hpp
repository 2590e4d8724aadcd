// SPDX-License-Identifier: MIT
//
// Who else keeps this host's clock, and what `--clock auto` does about it:
//
//     chronyd runs, and has our socket        feed it
//     chronyd runs without                    nothing; the line to add
//     another daemon keeps it synchronised    nothing
//     this process may not set the clock      nothing
//     otherwise                               discipline the kernel's
//
// Threads: any.
#pragma once

#include <string>

#include "common/host/clock_programs.hpp"
#include "listener/clocks/clock_choice.hpp"

namespace timecast {

struct Timekeepers {
  bool chronyd = false;
  bool chrony_socket = false;    // at kUsualChronySocket
  std::string another;           // the name of a daemon that runs, but chronyd
  bool is_synchronised = false;  // by the kernel's word
  bool may_set_clock = false;    // CAP_SYS_TIME
};

// Looks at `proc`, which is /proc.
[[nodiscard]] Timekeepers find_timekeepers(const std::string& proc = "/proc");

struct AutomaticChoice {
  ClockChoice choice;  // not `automatic`
  std::string because;
};
[[nodiscard]] AutomaticChoice choose_clock(const Timekeepers& found);

}  // namespace timecast
