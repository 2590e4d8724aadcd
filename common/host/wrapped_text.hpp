// SPDX-License-Identifier: MIT
//
// Prose in lines of at most 80 columns.
//
// Threads: any; a pure function.
#pragma once

#include <string>
#include <string_view>

namespace timecast {

// Appends words until the line is full, then goes on below, each line behind `indent`, and ends the
// last line. `column` is where the text begins.
void append_wrapped(std::string& out, std::string_view text, std::size_t column,
                    std::string_view indent);

}  // namespace timecast
