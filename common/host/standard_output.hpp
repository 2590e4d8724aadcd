// SPDX-License-Identifier: MIT
//
// Lines for whoever reads this program's standard output, a person or another program.
//
// Threads: one.
#pragma once

#include <string_view>

namespace timecast {

// Writes one line at once. False if nobody reads any more.
[[nodiscard]] bool print_line(std::string_view line) noexcept;

// A reader that goes away is then print_line()'s false, and not the end of this program.
void ignore_broken_pipes() noexcept;

}  // namespace timecast
