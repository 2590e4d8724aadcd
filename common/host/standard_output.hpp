// SPDX-License-Identifier: MIT
//
// Lines for whoever reads this program's standard output, a person or another program.
//
// Threads: one.
#pragma once

#include <string_view>

namespace timecast {

enum class Printed : unsigned char {
  yes,
  reader_is_slow,  // the line is lost: its pipe is full
  reader_is_gone,
  failed,  // a full disk, perhaps: the line is lost
};

// For a daemon: writes one line at once, or loses it rather than wait for its reader.
[[nodiscard]] Printed offer_line(std::string_view line) noexcept;

// For a command: writes all of a text, however long that takes. 0, or an errno value if it could
// not: EPIPE if the reader is gone.
[[nodiscard]] int print_text(std::string_view text) noexcept;

// A reader that goes away is then one of the answers above, and not the end of this program.
void ignore_broken_pipes() noexcept;

// First of all: whichever of the three standard streams is closed becomes /dev/null, so that no
// file or socket opened later takes its number and gets what is printed or logged.
void keep_standard_streams() noexcept;

}  // namespace timecast
