// SPDX-License-Identifier: MIT
//
// What help looks like. From words to values: command_line.cpp.
#include <algorithm>
#include <utility>

#include "common/host/command_line.hpp"
#include "common/host/wrapped_text.hpp"

namespace timecast {

namespace {

constexpr std::size_t kHelpColumn = 25;
constexpr std::size_t kUsageColumn = 7;  // behind "Usage: "
constexpr char kUnbroken = '\x1F';       // a space at which no line ends

using Commands = std::vector<const Command*>;

// A name and what there is to say of it, in two columns.
void append_row(std::string& out, const std::string& name, const std::string& help,
                std::size_t help_column) {
  out.append("  ").append(name);
  std::size_t column = 2 + name.size();
  if (column + 2 > help_column) {
    out += '\n';
    column = 0;
  }
  out.append(help_column - column, ' ');
  append_wrapped(out, help, help_column, std::string(help_column, ' '));
}

std::string with_value(const Option& option) {
  std::string text{option.name};
  if (option.takes_value() && !option.value_is_optional()) text += ' ';
  return text.append(option.value_name);
}

// "[--interface IF]", on one line.
std::string in_brackets(const Option& option) {
  std::string text = '[' + with_value(option) + ']';
  std::replace(text.begin(), text.end(), ' ', kUnbroken);
  return text;
}

std::string with_limits(const std::string& help, const OptionValue& value) {
  return value.limits.empty() ? help : help + ", " + value.limits;
}

std::string full_help(const Option& option) {
  const std::string text = with_limits(option.help, option.value);
  std::string notes;
  if (!option.value.standard.empty()) notes = "default: " + option.value.standard;
  if (option.repeatable) notes += notes.empty() ? "repeatable" : "; repeatable";
  return notes.empty() ? text : text + " (" + notes + ')';
}

void append_usage(std::string& out, const CommandLine& line, const Commands& commands) {
  const Command* const standard = &line.commands.front();
  const std::string program{line.program};
  const std::string behind(kUsageColumn + program.size() + 1, ' ');
  std::string_view label = "Usage: ";
  for (const Command* const command : commands) {
    std::string text{command->name};
    if (command->operand) text.append(" ").append(command->operand->name);
    if (command == standard) text.insert(0, 1, '[').append("]");
    // One that takes all that the standard one takes is not worth the room to list it again.
    const bool is_long = command->options.size() >= standard->options.size();
    if (is_long) text.append(" [OPTION]...");
    for (const Option& option : command->options) {
      if (!is_long) text.append(" ").append(in_brackets(option));
    }
    out.append(label).append(program).append(" ");
    append_wrapped(out, text, behind.size(), behind);
    label = "       ";
  }
  std::replace(out.begin(), out.end(), kUnbroken, ' ');
  if (commands.size() == line.commands.size()) {
    out.append(label).append(program).append(" --help | --version\n");
  }
}

void append_commands(std::string& out, const Commands& commands) {
  constexpr std::size_t kGap = 4;
  std::size_t width = 0;
  for (const Command* const command : commands) width = std::max(width, command->name.size());
  out += "\nCommands:\n";
  for (const Command* const command : commands) {
    append_row(out, std::string{command->name}, std::string{command->help}, width + kGap);
  }
}

void append_operand(std::string& out, const Operand& operand) {
  append_row(out, std::string{operand.name}, with_limits(operand.help, operand.value), kHelpColumn);
}

// Options that mean the same to several commands are described with the first of them.
void append_options(std::string& out, const Commands& commands) {
  std::vector<std::string> described;
  for (const Command* const command : commands) {
    std::string rows;
    if (command->operand) append_operand(rows, *command->operand);
    for (const Option& option : command->options) {
      std::string row;
      append_row(row, with_value(option), full_help(option), kHelpColumn);
      if (std::find(described.begin(), described.end(), row) != described.end()) continue;
      rows += row;
      described.push_back(std::move(row));
    }
    if (rows.empty()) continue;
    out.append("\nOptions of ").append(command->name).append(":\n").append(rows);
  }
}

// Those whose name is these words, or begins with them.
Commands commands_of(const CommandLine& line, std::string_view words) {
  Commands commands;
  for (const Command& command : line.commands) {
    const std::string_view rest = command.name.substr(std::min(words.size(), command.name.size()));
    const bool is_whole = words.empty() || rest.empty() || rest.front() == ' ';
    if (command.name.starts_with(words) && is_whole) commands.push_back(&command);
  }
  return commands;
}

}  // namespace

std::string help_text(const CommandLine& line, std::string_view words) {
  Commands commands = commands_of(line, words);
  if (commands.empty()) commands = commands_of(line, words.substr(0, words.find(' ')));
  if (commands.empty()) commands = commands_of(line, "");

  std::string out;
  append_usage(out, line, commands);
  out += '\n';
  append_wrapped(out, line.purpose, 0, "");
  append_commands(out, commands);
  append_options(out, commands);
  out += "\nOptions of all:\n";
  append_row(out, "-h, --help", "print this help; behind a command, all of that one", kHelpColumn);
  append_row(out, "-V, --version", "print the version", kHelpColumn);
  out += '\n';
  append_wrapped(out, line.footer, 0, "");
  return out;
}

}  // namespace timecast
