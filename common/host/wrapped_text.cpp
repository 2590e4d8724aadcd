// SPDX-License-Identifier: MIT
#include "common/host/wrapped_text.hpp"

#include <algorithm>

namespace timecast {

void append_wrapped(std::string& out, std::string_view text, std::size_t column,
                    std::string_view indent) {
  constexpr std::size_t kColumns = 80;
  bool first = true;
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(word.size() + 1, text.size()));
    if (word.empty()) continue;
    if (!first && column + 1 + word.size() > kColumns) {
      out.append("\n").append(indent);
      column = indent.size();
    } else if (!first) {
      out += ' ';
      ++column;
    }
    out.append(word);
    column += word.size();
    first = false;
  }
  out += '\n';
}

}  // namespace timecast
