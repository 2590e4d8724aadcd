// SPDX-License-Identifier: MIT
//
// From a file to the table. From the table to a file: settings_text.cpp.
#include "common/host/settings_file.hpp"

#include <algorithm>
#include <cerrno>

#include "common/host/atomic_file.hpp"
#include "common/host/nearest_word.hpp"

namespace timecast {

namespace {

constexpr std::string_view kDashes = "--";  // before an option's name, and not before its key

std::string_view without_dashes(std::string_view name) noexcept {
  return name.starts_with(kDashes) ? name.substr(kDashes.size()) : name;
}

const Setting* find_setting(const SettingsFile& file, std::string_view key) noexcept {
  for (const Setting& setting : file.settings) {
    if (setting.key == key) return &setting;
  }
  return nullptr;
}

Error error_at(const SettingsFile& file, int line, const std::string& what) {
  return Error{file.path + ':' + std::to_string(line) + ": " + what, kExitBadSettings};
}

const Option* find_option(const Command& command, std::string_view key) {
  for (const Option& option : command.options) {
    if (key_of(option) == key) return &option;
  }
  return nullptr;
}

Error no_such_setting(const SettingsFile& file, const CommandLine& line, const Setting& setting) {
  std::vector<std::string_view> names;
  for (const Option& option : line.commands.front().options) {
    if (option.in_file != InFile::never) names.push_back(option.name);
  }
  const std::string name = std::string{kDashes}.append(without_dashes(setting.key));
  std::string way_out = suggestion(name, names);
  if (way_out.empty()) {
    way_out = "; `" + std::string{line.program} + " print-settings` shows those there are";
  } else {
    way_out.erase(way_out.find(kDashes), kDashes.size());
  }
  return error_at(file, setting.line, setting.key + ": there is no such setting" + way_out);
}

std::string_view kind_name(SettingKind kind) {
  switch (kind) {
    case SettingKind::text: return "a text";
    case SettingKind::number: return "a number";
    case SettingKind::truth: return "true or false";
  }
  return "";
}

bool is_wanted(const Option& option, SettingKind kind) {
  switch (kind) {
    case SettingKind::text: return option.takes_value() && option.value.form != JsonForm::number;
    case SettingKind::number: return option.takes_value() && option.value.form != JsonForm::text;
    case SettingKind::truth: return option.may_be_flag();
  }
  return false;
}

// "a list of texts", "true, false or a number"
std::string wanted_text(const Option& option) {
  if (!option.takes_value()) return "true or false";
  std::string text;
  switch (option.value.form) {
    case JsonForm::text: text = "a text"; break;
    case JsonForm::number: text = "a number"; break;
    case JsonForm::number_or_text: text = "a number or a text"; break;
  }
  if (option.may_be_flag()) text.insert(0, "true, false or ");
  if (option.repeatable) text = "a list, [ ], even of one, each " + text;
  return option.value.limits.empty() ? text : text + ", " + option.value.limits;
}

Result<void> check_kinds(const SettingsFile& file, const Option& option, const Setting& setting) {
  const auto refuse = [&](int line, std::string_view got) {
    return because(error_at(
        file, line,
        setting.key + ": is " + std::string{got} + " and should be " + wanted_text(option)));
  };
  if (setting.is_list && !option.repeatable) return refuse(setting.line, "a list");
  for (const SettingValue& value : setting.values) {
    const bool fits = is_wanted(option, value.kind) && setting.is_list == option.repeatable;
    if (!fits) return refuse(value.line, kind_name(value.kind));
    if (value.text.find('\0') != std::string::npos) return refuse(value.line, "a text with a zero");
    if (value.kind == SettingKind::text && value.text.empty()) return refuse(value.line, "empty");
  }
  return {};
}

Result<void> take_values(const SettingsFile& file, const Option& option, const Setting& setting) {
  for (const SettingValue& value : setting.values) {
    const bool is_truth = value.kind == SettingKind::truth;
    if (is_truth && value.text == "false") continue;
    const auto taken = option.value.take(is_truth ? "" : value.text);
    if (!taken) {
      return because(error_at(file, value.line, setting.key + ": " + taken.error().text));
    }
  }
  return {};
}

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

}  // namespace

std::string_view key_of(const Option& option) noexcept { return without_dashes(option.name); }

bool says(const SettingsFile& file, std::string_view option) noexcept {
  return find_setting(file, without_dashes(option)) != nullptr;
}

Result<SettingsFile> read_settings_file(const CommandLine& line, const std::string& path) {
  const auto content = read_file(path);
  if (!content) {
    return because(Error{content.error().text + "; name another with " +
                             std::string{kSettingsOption} + ", or make one by `" +
                             std::string{line.program} + " print-settings`",
                         kExitBadSettings, content.error().errno_value});
  }
  if (is_blank(*content)) {
    return because(Error{path + ": is empty; write {} for no settings, or what `" +
                             std::string{line.program} + " print-settings` prints",
                         kExitBadSettings});
  }
  auto settings = parse_json_settings(*content);
  if (!settings) return because(Error{path + ':' + settings.error().text, kExitBadSettings});
  return SettingsFile{path, std::move(*settings)};
}

Result<void> take_settings(const SettingsFile& file, const CommandLine& line,
                           const Command& command, const std::vector<std::string_view>& but) {
  for (const Setting& setting : file.settings) {
    const Option* const known = find_option(line.commands.front(), setting.key);
    if (known == nullptr) return because(no_such_setting(file, line, setting));
    if (known->in_file == InFile::never) {
      return because(error_at(file, setting.line,
                              setting.key + ": is no setting; say it on the command line, " +
                                  std::string{known->name}));
    }
    if (auto fits = check_kinds(file, *known, setting); !fits) return fits;
    const Option* const meant = find_option(command, setting.key);
    if (meant == nullptr || std::find(but.begin(), but.end(), meant->name) != but.end()) continue;
    if (auto taken = take_values(file, *meant, setting); !taken) return taken;
    if (line.filed != nullptr) line.filed->emplace_back(meant->name);
  }
  return {};
}

bool is_named_in(const SettingsFile& file, std::string_view complaint) {
  return std::any_of(file.settings.begin(), file.settings.end(), [&](const Setting& setting) {
    return complaint.find(std::string{kDashes} + setting.key) != std::string_view::npos;
  });
}

Error settings_error(const SettingsFile& file, std::string_view complaint) {
  const std::string what{without_dashes(complaint)};
  const Setting* const setting = find_setting(file, what.substr(0, what.find(':')));
  if (setting != nullptr) return error_at(file, setting->line, what);
  return Error{file.path + ": " + what, kExitBadSettings};
}

Error said_error(Error error, const std::string& option, const GivenPlace& file,
                 const std::vector<std::string>& filed) {
  const bool is_filed = file && std::find(filed.begin(), filed.end(), option) != filed.end();
  error.text.insert(0,
                    is_filed ? *file + ": " + option.substr(kDashes.size()) + ": " : option + ": ");
  return error;
}

}  // namespace timecast
