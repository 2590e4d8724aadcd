// SPDX-License-Identifier: MIT
//
// Who else keeps this host's clock, and what `--clock auto` does about it:
//
//     chronyd runs, and has our socket        feed it
//     chronyd runs without                    nothing; the line to add
//     its keeper (clock_keeper.hpp) is silent discipline the kernel's, once that one answers, and
//                                             then only if it says that nobody else does
//     the kernel does not tell of its clock   nothing
//     another daemon keeps it synchronised    nothing
//     this process may not set the clock      nothing
//     otherwise                               discipline the kernel's
//
// Who may not set this host's clock keeps none: a program of any user's, or in a container, may
// have the name of one that does.
//
// Threads: any.
#pragma once

#include <string>

#include <timecast/time/duration.hpp>

#include "common/host/clock_programs.hpp"
#include "listener/clocks/clock_choice.hpp"

namespace timecast {

struct Timekeepers {
  bool chronyd = false;          // one that may set the clock
  bool chrony_socket = false;    // at kUsualChronySocket
  std::string another;           // the name of a daemon that may set it, but chronyd
  bool is_synchronised = false;  // by the kernel's word
  bool may_set_clock = false;    // CAP_SYS_TIME
  bool was_ours = false;         // the word of a listener that was here before: see word_memory.hpp
  bool has_loop = false;         // the kernel steers by offsets that somebody gives it; no listener
  int kernel_failure = 0;        // why the kernel gives no word: an errno value
  bool powerless_chronyd = false;  // one that may not set it, as with -x, can be fed
};

// At a start: one that has just died is being started anew.
inline constexpr Duration kPatienceWithKeeper = Duration::seconds(5);
// Looks at `proc`, which is /proc, or asks the keeper so long. Does not know of `was_ours`.
[[nodiscard]] Timekeepers find_timekeepers(const std::string& proc = "/proc",
                                           Duration patience = kPatienceWithKeeper);

// A daemon that keeps this host's clock, as people know it; empty if none runs.
[[nodiscard]] std::string keeper_name(const Timekeepers& found);

struct AutomaticChoice {
  ClockChoice choice;  // not `automatic`
  std::string because;
  bool is_blind = false;  // nobody has told who else keeps the clock
};
[[nodiscard]] AutomaticChoice choose_clock(const Timekeepers& found);

}  // namespace timecast
