// SPDX-License-Identifier: MIT
//
// From the table to a file, and what differs between two. From a file to the table:
// settings_file.cpp.
#include <algorithm>

#include "common/host/places.hpp"
#include "common/host/settings_file.hpp"
#include "common/host/wrapped_text.hpp"

namespace timecast {

namespace {

constexpr std::string_view kIndent = "  ";
constexpr std::string_view kComment = "  // ";

bool is_number(const std::string& text) { return parse_decimal(text).has_value(); }

std::string value_text(const Option& option, const std::string& said) {
  if (said.empty()) return "true";
  const bool bare = option.value.form != JsonForm::text && is_number(said);
  return bare ? said : json_text(said);
}

// What the variable holds, as JSON; nothing if it holds nothing.
std::string held_text(const Option& option) {
  const OptionValue::Texts said = option.value.said();
  if (!option.repeatable) {
    if (!said.empty()) return value_text(option, said.front());
    return option.may_be_flag() ? "false" : "";
  }
  std::string list;
  for (const std::string& each : said) {
    list.append(list.empty() ? "" : ", ").append(value_text(option, each));
  }
  return '[' + list + ']';
}

std::string comment_for(const Option& option) {
  std::string text = option.help;
  if (!option.value.limits.empty()) text += ", " + option.value.limits;
  if (!option.value.standard.empty()) text += " (default: " + option.value.standard + ')';
  if (option.in_file == InFile::at_start) text += "; needs a restart";
  return text;
}

// How a setting that holds nothing would be said.
std::string example_of(const Option& option) {
  const std::string_view standard = option.value.standard;
  const std::string number{standard.substr(0, standard.find_first_not_of("0123456789."))};
  return option.value.form != JsonForm::text && is_number(number) ? number
                                                                  : json_text(option.value_name);
}

struct Entry {
  const Option* option = nullptr;
  std::string held;
};

std::vector<Entry> entries_of(const CommandLine& line) {
  std::vector<Entry> entries;
  for (const Option& option : line.commands.front().options) {
    if (option.in_file != InFile::never) entries.push_back({&option, held_text(option)});
  }
  return entries;
}

void append_entry(std::string& out, const Entry& entry, bool is_last) {
  out.append("\n").append(kComment);
  append_wrapped(out, comment_for(*entry.option), kComment.size(), kComment);
  const bool holds = !entry.held.empty();
  out.append(holds ? kIndent : kComment)
      .append(json_text(key_of(*entry.option)))
      .append(": ")
      .append(holds ? entry.held : example_of(*entry.option))
      .append(is_last ? "\n" : ",\n");
}

}  // namespace

std::string settings_text(const CommandLine& line) {
  std::vector<Entry> entries = entries_of(line);
  // Behind the last member stands no comma. It is one that holds something, so that a line that is
  // commented out may be put in as it is.
  const auto holds = [](const Entry& entry) { return !entry.held.empty(); };
  const auto last = std::find_if(entries.rbegin(), entries.rend(), holds);
  if (last != entries.rend()) std::rotate(last.base() - 1, last.base(), entries.end());

  const std::string program{line.program};
  const std::size_t name = line.settings_file.rfind('/') + 1;
  std::string out = "// ";
  append_wrapped(out,
                 "The settings of " + program + ", as `" + program +
                     " print-settings` found them. It reads them from " +
                     std::string{kSettingsDirectory} + '/' + line.settings_file.substr(name) +
                     " or the file that --settings names, when it starts and on SIGHUP. The "
                     "command line beats them.",
                 3, "// ");
  out += "{";
  for (const Entry& entry : entries) append_entry(out, entry, &entry == &entries.back());
  return out += "}\n";
}

std::string settings_changes(const CommandLine& before, const CommandLine& after, InFile when) {
  const std::vector<Entry> was = entries_of(before);
  const std::vector<Entry> is = entries_of(after);
  std::string changes;
  for (std::size_t i = 0; i < std::min(was.size(), is.size()); ++i) {
    if (is[i].option->in_file != when || was[i].held == is[i].held) continue;
    const auto shown = [](const Entry& entry) {
      return entry.held.empty() ? std::string{"default"} : entry.held;
    };
    changes += (changes.empty() ? "" : ", ") + std::string{key_of(*is[i].option)} + ' ' +
               shown(was[i]) + " -> " + shown(is[i]);
  }
  return changes;
}

std::string reload_text(const std::string& live, const std::string& at_start) {
  const std::string now = live.empty() ? "nothing is new" : live;
  return at_start.empty() ? now : now + "; not before a restart: " + at_start;
}

}  // namespace timecast
