// SPDX-License-Identifier: MIT
//
// From words to values. What help looks like: command_help.cpp.
#include "common/host/command_line.hpp"

#include <algorithm>
#include <cerrno>
#include <optional>

#include "common/host/log.hpp"
#include "common/host/nearest_word.hpp"
#include "common/host/settings_file.hpp"

namespace timecast {

namespace {

using Words = std::vector<std::string_view>;

struct GivenOption {
  std::string_view name;
  std::string_view value;
};

struct Given {
  Words words;  // of the command and its operand
  std::vector<GivenOption> options;
};

struct Chosen {
  const Command* command;
  Words operands;
};

const Option* find_option(const Command& command, std::string_view name) {
  for (const Option& option : command.options) {
    if (option.name == name) return &option;
  }
  return nullptr;
}

const Option* find_option(const CommandLine& line, std::string_view name) {
  for (const Command& command : line.commands) {
    if (const Option* const found = find_option(command, name)) return found;
  }
  return nullptr;
}

Error needless_value(std::string_view name) {
  return Error{std::string{name} + ": takes no value"};
}

Error no_such_option(const CommandLine& line, std::string_view name) {
  Words names{"--help", "--version"};
  if (std::find(names.begin(), names.end(), name) != names.end()) return needless_value(name);
  for (const Command& command : line.commands) {
    for (const Option& option : command.options) names.push_back(option.name);
  }
  return Error{"there is no option " + std::string{name} + suggestion(name, names)};
}

std::string joined(const Words& words, std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < std::min(count, words.size()); ++i) {
    text.append(i == 0 ? "" : " ").append(words[i]);
  }
  return text;
}

std::string joined(const Words& words) { return joined(words, words.size()); }

// "key show, key new or key copy"
std::string alternatives(const Words& words) {
  std::string text;
  for (const std::string_view& word : words) {
    if (!text.empty()) text += &word == &words.back() ? " or " : ", ";
    text += word;
  }
  return text;
}

std::size_t words_in(std::string_view name) {
  return 1 + static_cast<std::size_t>(std::count(name.begin(), name.end(), ' '));
}

std::string nearest_command(const CommandLine& line, const Words& words) {
  Words names;
  for (const Command& command : line.commands) names.push_back(command.name);
  std::string near = suggestion(joined(words), names);
  for (const Command& command : line.commands) {
    if (!near.empty() || !command.operand) continue;
    near = suggestion(joined(words, words_in(command.name)), {command.name});
  }
  return near;
}

Error no_such_command(const CommandLine& line, const Words& words) {
  const std::string said = joined(words);
  std::string list;
  Words longer;  // the commands that begin with these words
  for (const Command& command : line.commands) {
    const std::string name{command.name};
    list += (list.empty() ? "" : ", ") + name;
    if (name.starts_with(said + ' ')) longer.push_back(command.name);
  }
  if (!longer.empty()) return Error{said + ": say " + alternatives(longer)};
  const std::string near = nearest_command(line, words);
  return Error{"there is no command \"" + said + '"' +
               (near.empty() ? "; there are " + list : near)};
}

// One option, whose value may be the word behind it; `rest` begins behind the option.
Result<GivenOption> read_option(const CommandLine& line, std::string_view word, Words& rest) {
  const std::size_t equals = word.find('=');
  const bool attached = equals != std::string_view::npos;
  GivenOption given{word.substr(0, equals), attached ? word.substr(equals + 1) : ""};
  const std::string name{given.name};
  const Option* const option = find_option(line, given.name);
  if (option == nullptr) return because(no_such_option(line, given.name));
  if (!option->takes_value()) {
    if (attached) return because(needless_value(name));
    return given;
  }
  if (option->value_is_optional() && !attached) return given;
  if (!attached && !rest.empty() && !rest.front().starts_with("--")) {
    given.value = rest.front();
    rest.erase(rest.begin());
  }
  if (!given.value.empty()) return given;
  return because(Error{name + ": needs a value, " + std::string{option->value_name}});
}

Result<Given> read_words(const CommandLine& line, Words rest) {
  Given given;
  while (!rest.empty()) {
    const std::string_view word = rest.front();
    rest.erase(rest.begin());
    if (word.starts_with('-')) {
      const auto option = read_option(line, word, rest);
      if (!option) return because(option.error());
      given.options.push_back(*option);
    } else {
      given.words.push_back(word);
    }
  }
  return given;
}

Result<void> take_options(const Command& command, const std::vector<GivenOption>& options) {
  Words taken;
  for (const GivenOption& given : options) {
    const std::string name{given.name};
    const Option* const option = find_option(command, given.name);
    if (option == nullptr) {
      return because(Error{name + ": means nothing to " + std::string{command.name}});
    }
    const bool again = std::find(taken.begin(), taken.end(), given.name) != taken.end();
    if (again && !option->repeatable) {
      return because(Error{name + ": is there twice; leave one out"});
    }
    if (const auto done = option->value.take(given.value); !done) {
      return because(Error{name + ": " + done.error().text});
    }
    taken.push_back(given.name);
  }
  return {};
}

Result<Chosen> choose_command(const CommandLine& line, const Words& words) {
  if (words.empty()) return Chosen{&line.commands.front(), {}};
  for (const Command& command : line.commands) {
    const std::size_t count = words_in(command.name);
    if (joined(words, count) != command.name) continue;
    if (words.size() == count) return Chosen{&command, {}};
    if (command.operand)
      return Chosen{&command, {words.begin() + static_cast<std::ptrdiff_t>(count), words.end()}};
  }
  return because(no_such_command(line, words));
}

Result<void> take_operand(const Command& command, const Words& operands) {
  if (!command.operand) return {};
  const std::string name{command.name};
  const std::string operand{command.operand->name};
  if (operands.empty()) {
    return because(Error{name + ": needs " + operand + ", " + command.operand->help});
  }
  if (operands.size() > 1) {
    return because(Error{name + ": takes one " + operand + " alone, not \"" + joined(operands) +
                         "\"; leave one out"});
  }
  if (const auto done = command.operand->value.take(operands.front()); !done) {
    return because(Error{operand + ": " + done.error().text});
  }
  return {};
}

const GivenOption* find_given(const std::vector<GivenOption>& options, std::string_view name) {
  for (const GivenOption& given : options) {
    if (given.name == name) return &given;
  }
  return nullptr;
}

// Whether an option is a setting too: one of the first command's, and not marked otherwise.
InFile in_file(const CommandLine& line, std::string_view name) {
  const Option* const option = find_option(line.commands.front(), name);
  return option == nullptr ? InFile::never : option->in_file;
}

// A command that looks for the daemon's socket or state can do without a file that is wrong.
bool lives_by_settings(const CommandLine& line, const Command& command) {
  return std::any_of(command.options.begin(), command.options.end(), [&](const Option& option) {
    return in_file(line, option.name) == InFile::live;
  });
}

// Whether the command line says all that this command could learn from a file.
bool is_all_said(const CommandLine& line, const Command& command,
                 const std::vector<GivenOption>& options) {
  return std::all_of(command.options.begin(), command.options.end(), [&](const Option& option) {
    return in_file(line, option.name) == InFile::never ||
           find_given(options, option.name) != nullptr;
  });
}

using FoundSettings = std::optional<SettingsFile>;

// The settings of the file that is named, or that is there, without those of the command line.
Result<FoundSettings> take_settings(const CommandLine& line, const Command& command,
                                    const std::vector<GivenOption>& options) {
  const Option* const option = find_option(command, kSettingsOption);
  const GivenOption* const named = find_given(options, kSettingsOption);
  const bool is_needed = lives_by_settings(line, command);
  if (option == nullptr || (!is_needed && is_all_said(line, command, options)))
    return FoundSettings{};
  auto file =
      read_settings_file(line, named == nullptr ? line.settings_file : std::string{named->value});
  const auto missing = [](const Error& e) {
    return e.errno_value == ENOENT || e.errno_value == ENOTDIR;
  };
  if (!file && named == nullptr && missing(file.error())) return FoundSettings{};
  Words but;
  for (const GivenOption& given : options) but.push_back(given.name);
  const auto taken =
      file ? take_settings(*file, line, command, but) : Result<void>{because(file.error())};
  if (!taken && named == nullptr && !is_needed) {
    log(Level::warning, taken.error().text + "; going on without it");
    return FoundSettings{};
  }
  if (!taken) return because(taken.error());
  if (named == nullptr) static_cast<void>(option->value.take(line.settings_file));
  return std::move(*file);
}

std::string counts_too(const SettingsFile& file) { return " (" + file.path + " counts too)"; }

// Last, what options cannot know of each other. The fault is where the option is said that the
// complaint begins with; if that is nowhere, where anything is.
Result<void> check(const CommandLine& line, const std::vector<GivenOption>& options,
                   const FoundSettings& file) {
  auto checked = line.check ? line.check() : Result<void>{};
  if (checked || !file || file->settings.empty()) return checked;
  const std::string& complaint = checked.error().text;
  const std::string_view name = std::string_view{complaint}.substr(0, complaint.find(':'));
  if (in_file(line, name) == InFile::never) return checked;
  const auto is_setting = [&](const GivenOption& given) {
    return in_file(line, given.name) != InFile::never;
  };
  const bool is_said = find_given(options, name) != nullptr;
  const bool is_filed = !is_said && says(*file, name);
  const bool is_any_said = std::any_of(options.begin(), options.end(), is_setting);
  if (is_filed || !is_any_said) return because(settings_error(*file, complaint));
  return because(Error{complaint + counts_too(*file)});
}

Result<void> take_all(const CommandLine& line, const Command& command,
                      const std::vector<GivenOption>& options) {
  const auto file = take_settings(line, command, options);
  if (!file) return because(file.error());
  if (auto taken = take_options(command, options); !taken) {
    const bool counts = *file && is_named_in(**file, taken.error().text);
    return counts ? Result<void>{because(Error{taken.error().text + counts_too(**file)})} : taken;
  }
  return check(line, options, *file);
}

Result<void> take_words(const CommandLine& line, const Words& words) {
  const auto given = read_words(line, words);
  if (!given) return because(given.error());
  const auto chosen = choose_command(line, given->words);
  if (!chosen) return because(chosen.error());
  chosen->command->choose();
  if (auto taken = take_operand(*chosen->command, chosen->operands); !taken) return taken;
  return take_all(line, *chosen->command, given->options);
}

Farewell complaint(const CommandLine& line, const Error& error) {
  if (error.exit_code == kExitBadSettings) {
    return {kExitBadSettings, log_line(Level::error, error.text, line.program, false)};
  }
  const std::string program{line.program};
  return {kExitBadCommandLine, program + ": " + error.text + "; see " + program + " --help\n"};
}

bool has(const Words& words, std::string_view shortly, std::string_view name) {
  return std::any_of(words.begin(), words.end(),
                     [&](std::string_view word) { return word == shortly || word == name; });
}

}  // namespace

Expected<void, Farewell> parse(const CommandLine& line, int argc, const char* const* argv) {
  const Words words{argv + std::min(argc, 1), argv + argc};
  if (has(words, "-h", "--help")) return because(Farewell{0, help_text(line, joined(words, 2))});
  if (has(words, "-V", "--version")) {
    return because(Farewell{0, std::string{line.program} + ' ' + std::string{line.version} + '\n'});
  }
  if (const auto taken = take_words(line, words); !taken) {
    return because(complaint(line, taken.error()));
  }
  return {};
}

Result<void> parse_again(const CommandLine& line, int argc, const char* const* argv) {
  return take_words(line, Words{argv + std::min(argc, 1), argv + argc});
}

}  // namespace timecast
