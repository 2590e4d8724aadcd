// SPDX-License-Identifier: MIT
//
// What both programs do at their edges: say why they cannot go on, and ask their daemon.
//
// Threads: the main one.
#pragma once

#include <string>
#include <string_view>

#include <timecast/time/duration.hpp>

#include "common/host/error.hpp"
#include "common/host/places.hpp"

namespace timecast {

// What a command line asks to be printed instead of being run: help, version, or what is wrong.
struct Farewell {
  int exit_code = 0;
  std::string text;
};

// Prints help to standard output, complaints to standard error; returns the exit status.
[[nodiscard]] int say(const Farewell& farewell);

// Prints the error to standard error; returns its exit status.
[[nodiscard]] int fail(const Error& error);

// Prints what was asked for to standard output; returns the exit status.
[[nodiscard]] int print(std::string_view text);

// To who waits at a terminal for what takes seconds, on standard error: "WHAT ...".
void say_meanwhile(const std::string& what);

// Asks the running daemon of this program. Another one's that answers there is an error, and so is
// an answer that says what is wrong.
[[nodiscard]] Result<std::string> ask_daemon(std::string_view program, const GivenPlace& socket,
                                             std::string_view request, Duration timeout);

// The same, and prints its answer; returns the exit status.
[[nodiscard]] int show_control_answer(std::string_view program, const GivenPlace& socket,
                                      std::string_view request);

}  // namespace timecast
