// SPDX-License-Identifier: MIT
//
// The text of a settings file: one JSON object whose members are single values or lists of them.
// Comments are allowed, `// to the end of the line` and `/* between */`.
//
//     { "interval": 0.25, "interface": ["eth0", "wlan0"] }  // no comma behind the last
//
// What the keys and values mean is not known here: settings_file.hpp.
//
// Errors:  a text that is none, a key that is there twice: an Error with exit status 3 that begins
//          with the line: "3: column 5: unexpected '}'; ...".
// Threads: any; pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/host/error.hpp"

namespace timecast {

enum class SettingKind : std::uint8_t { text, number, truth };

struct SettingValue {
  SettingKind kind = SettingKind::text;
  std::string text;  // a number as it is written; of a truth "true" or "false"
  int line = 0;
};

struct Setting {
  std::string key;
  int line = 0;
  bool is_list = false;
  std::vector<SettingValue> values;  // exactly one unless it is a list
};

// In the order of the text.
[[nodiscard]] Result<std::vector<Setting>> parse_json_settings(std::string_view text);

// The text between quotation marks, as JSON has it.
[[nodiscard]] std::string json_text(std::string_view text);

}  // namespace timecast
