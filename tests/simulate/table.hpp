// SPDX-License-Identifier: MIT
//
// A table of texts, for a terminal or as Markdown.
#pragma once

#include <string>
#include <vector>

namespace timecast::simulate {

struct Table {
  std::string title;
  std::vector<std::string> head;
  std::vector<std::vector<std::string>> rows;  // as wide as the head
  std::string note = {};
};

// The first column to the left, the others to the right.
[[nodiscard]] std::string as_text(const Table& table);
[[nodiscard]] std::string as_markdown(const Table& table);

// Three digits that count: "0.292", "8.10", "104", "25076".
[[nodiscard]] std::string in_three_digits(double value);

}  // namespace timecast::simulate
