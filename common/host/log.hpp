// SPDX-License-Identifier: MIT
//
// One line to standard error, for people: the program's name in front, or the journal's priority
// where the journal reads along.
//
// Errors:  none; a line that cannot be written is lost.
// Threads: any; each line is written at once, so lines do not mix.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace timecast {

enum class Level : std::uint8_t { error, warning, info };

struct LogLine {
  Level level = Level::info;
  std::string text;
};

void log(Level level, std::string_view text) noexcept;

// As it goes out: "<4>text" for the journal, else "program: text"; one line whatever the text.
[[nodiscard]] std::string log_line(Level level, std::string_view text, std::string_view program,
                                   bool for_journal);

}  // namespace timecast
