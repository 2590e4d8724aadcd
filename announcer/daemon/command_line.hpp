// SPDX-License-Identifier: MIT
//
// The command line of timecast-announcer.
//
// Errors:  a Farewell that names the option, or the line of the settings file, and its limit.
#pragma once

#include "announcer/daemon/options.hpp"
#include "common/host/command_line.hpp"
#include "common/host/program.hpp"

namespace timecast {

enum class AnnouncerCommand : std::uint8_t {
  run,
  status,
  key_show,
  key_new,
  key_renew,
  doctor,
  print_settings
};

struct AnnouncerInvocation {
  AnnouncerCommand command = AnnouncerCommand::run;
  AnnouncerOptions options;
  GivenPlace settings_file;             // that was read
  std::vector<std::string> filed = {};  // options that it says
};

[[nodiscard]] Expected<AnnouncerInvocation, Farewell> parse_announcer_command_line(
    int argc, const char* const* argv);

// The same with what the settings file says now. An error is without the program's name.
[[nodiscard]] Result<AnnouncerInvocation> parse_announcer_settings_again(int argc,
                                                                         const char* const* argv);

// As a settings file that says just that.
[[nodiscard]] std::string settings_text(AnnouncerInvocation invocation);

// What differs, of the settings that change then; empty if nothing does.
[[nodiscard]] std::string settings_changes(const AnnouncerOptions& before,
                                           const AnnouncerOptions& after, InFile when);

}  // namespace timecast
