// SPDX-License-Identifier: MIT
//
// One line to standard error, for people: the program's name in front, or the journal's priority
// where the journal reads along.
//
// Errors:  none; a line that cannot be written is lost.
// Threads: any; each line is written at once, so lines do not mix. set_log_level() before the
//          second thread starts.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace timecast {

enum class Level : std::uint8_t { error, warning, info, debug };

// Lines of less weight than this are dropped; info at start. The level is the one piece of state
// that is not handed around: an operator turns it for the whole program.
void set_log_level(Level level) noexcept;
[[nodiscard]] bool is_logged(Level level) noexcept;

void log(Level level, std::string_view text) noexcept;

// As it goes out: "<4>text" for the journal, else "program: text"; one line whatever the text.
[[nodiscard]] std::string log_line(Level level, std::string_view text, std::string_view program,
                                   bool for_journal);

}  // namespace timecast
