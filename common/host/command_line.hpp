// SPDX-License-Identifier: MIT
//
// A program's command line: its commands with their options as one table, and one wording of help
// and complaints.
//
//     const CommandLine line{"example", "1.0", "Shows what a table looks like.", "",
//                            {{"run", "do it (the default)", [] {},
//                              {{"--port", "N", "where", whole_number(port)}}}},
//                            {}};
//     if (const auto taken = parse(line, argc, argv); !taken) return say(taken.error());
//
// Options of a command that has `--settings` may stand in a settings file too, under their names
// without the dashes: settings_file.hpp. What the command line says of an option replaces all that
// the file says of it.
//
// `example --port=1`, `example run --port 1` and `example --port 1 run` are the same: options and
// the words of a command mix freely, and an option belongs to the command whose words are there.
//
// Errors:  a Farewell with exit status 2: "PROGRAM: OPTION: WHAT; see PROGRAM --help"; or, if a
//          settings file is at fault, with exit status 3: "PROGRAM: FILE:LINE: KEY: WHAT".
// Threads: any.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/host/option_value.hpp"
#include "common/host/program.hpp"

namespace timecast {

// Whether an option of the first command is a setting too, and when a change in the file holds.
enum class InFile : std::uint8_t {
  live,      // as soon as the file is read again
  at_start,  // when the program starts anew
  never,     // it is for the command line alone
};

struct Option {
  std::string_view name;  // "--port"; it has or has no value in all commands alike
  // "N"; empty for a flag; "[=N]" for one that may be left out and else follows an equals sign, so
  // that `--island run` is a flag and a command.
  std::string_view value_name;
  std::string help;  // without limits and default, which the value knows
  OptionValue value;
  bool repeatable = false;
  InFile in_file = InFile::live;

  [[nodiscard]] bool takes_value() const noexcept { return !value_name.empty(); }
  [[nodiscard]] bool value_is_optional() const noexcept { return value_name.starts_with('['); }
  [[nodiscard]] bool may_be_flag() const noexcept { return !takes_value() || value_is_optional(); }
};

// The word behind those of a command: `query HOST`. It must be there.
struct Operand {
  std::string_view name;  // "HOST"
  std::string help;
  OptionValue value;
};

struct Command {
  std::string_view name;         // of one or two words: "run", "key show"
  std::string_view help;         // one line
  std::function<void()> choose;  // called before its options are taken
  std::vector<Option> options;
  std::optional<Operand> operand = {};
};

struct CommandLine {
  std::string_view program;
  std::string_view version;
  std::string_view purpose;       // one paragraph
  std::string_view footer;        // one paragraph
  std::vector<Command> commands;  // the first is meant where no command is named
  // What single options cannot know of each other; asked last. May be empty.
  std::function<Result<void>()> check;
  // Where settings are if no --settings names another file. It may be missing.
  std::string settings_file{};
  std::vector<std::string>* filed = nullptr;  // gets the options that were taken from there
};

inline constexpr std::string_view kSettingsOption = "--settings";

// Takes all that argv says, or nothing of it after the first thing that is wrong. `--help` and
// `--version` are added to what the table has.
[[nodiscard]] Expected<void, Farewell> parse(const CommandLine& line, int argc,
                                             const char* const* argv);

// The same, for who has parsed these words before and wants what the settings file says now. The
// error is without the program's name.
[[nodiscard]] Result<void> parse_again(const CommandLine& line, int argc, const char* const* argv);

// At most 80 columns wide. Of the command that two words name, else of those that begin with the
// first one, else of all.
[[nodiscard]] std::string help_text(const CommandLine& line, std::string_view words = "");

}  // namespace timecast
