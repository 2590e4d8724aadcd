// SPDX-License-Identifier: MIT
//
// The command line of timecast-listener.
//
// Errors:  a Farewell that names the option, or the line of the settings file, and its limit.
#pragma once

#include "common/host/command_line.hpp"
#include "common/host/program.hpp"
#include "listener/daemon/options.hpp"

namespace timecast {

enum class ListenerCommand : std::uint8_t {
  run,
  watch,
  query,
  wait,
  now,
  status,
  keys_list,
  keys_add,
  keys_forget,
  doctor,
  print_settings
};

struct ListenerInvocation {
  ListenerCommand command = ListenerCommand::run;
  ListenerOptions options;
  GivenPlace settings_file;             // that was read
  std::vector<std::string> filed = {};  // options that it says
};

[[nodiscard]] Expected<ListenerInvocation, Farewell> parse_listener_command_line(
    int argc, const char* const* argv);

// The same with what the settings file says now. An error is without the program's name.
[[nodiscard]] Result<ListenerInvocation> parse_listener_settings_again(int argc,
                                                                       const char* const* argv);

// Of an error of the start or of new settings: as said_error() where the file of keys cannot be
// read.
[[nodiscard]] Error start_error(const Error& error, const ListenerInvocation& invocation);

// As a settings file that says just that.
[[nodiscard]] std::string settings_text(ListenerInvocation invocation);

// What differs, of the settings that change then; empty if nothing does.
[[nodiscard]] std::string settings_changes(const ListenerOptions& before,
                                           const ListenerOptions& after, InFile when);

}  // namespace timecast
