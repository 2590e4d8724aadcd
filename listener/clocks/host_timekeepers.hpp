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
