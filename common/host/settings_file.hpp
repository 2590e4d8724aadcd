// SPDX-License-Identifier: MIT
//
// A settings file: what it says goes the same way into the same variables as what the command line
// says, by the table of the program's options. The key of `--interval` is "interval".
//
//     flag                    true or false
//     option with a number    a number
//     any other               a text
//     repeatable option       a list of these
//
// Errors:  exit status 3, "FILE:LINE: KEY: what is wrong, the limit; the way out". One that names
//          no file that exists has the errno value ENOENT or ENOTDIR. What is wrong only on this
//          host, such as an interface that is not there, keeps its own status: said_error().
// Threads: any.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/host/command_line.hpp"
#include "common/host/json_settings.hpp"
#include "common/host/places.hpp"

namespace timecast {

struct SettingsFile {
  std::string path;
  std::vector<Setting> settings;
};

// At most 1 MiB.
[[nodiscard]] Result<SettingsFile> read_settings_file(const CommandLine& line,
                                                      const std::string& path);

// Takes the settings that are options of this command, but for those named. Keys must be settings
// of the program, its first command's options, in any case.
[[nodiscard]] Result<void> take_settings(const SettingsFile& file, const CommandLine& line,
                                         const Command& command,
                                         const std::vector<std::string_view>& but);

// Whether it says something of this option, "--KEY".
[[nodiscard]] bool says(const SettingsFile& file, std::string_view option) noexcept;

// Whether a complaint names an option that the file says something of.
[[nodiscard]] bool is_named_in(const SettingsFile& file, std::string_view complaint);

// "FILE:LINE: KEY: what" of a complaint that begins with an option, "--KEY: what".
[[nodiscard]] Error settings_error(const SettingsFile& file, std::string_view complaint);

// The error, with the place in front where its option was said: "--KEY: what", or "FILE: KEY: what"
// if it is one of those taken from the file.
[[nodiscard]] Error said_error(Error error, const std::string& option, const GivenPlace& file,
                               const std::vector<std::string>& filed);

// The key of an option.
[[nodiscard]] std::string_view key_of(const Option& option) noexcept;

// The settings as they are now, as a file that says just that, with comments from the table.
[[nodiscard]] std::string settings_text(const CommandLine& line);

// What differs between two states of a table, of the settings that change then:
// "interval 1 -> 0.25, island false -> true".
[[nodiscard]] std::string settings_changes(const CommandLine& before, const CommandLine& after,
                                           InFile when);
// For a log, of both kinds of settings_changes().
[[nodiscard]] std::string reload_text(const std::string& live, const std::string& at_start);

}  // namespace timecast
