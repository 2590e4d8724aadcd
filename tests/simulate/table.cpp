// SPDX-License-Identifier: MIT
#include "tests/simulate/table.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "common/host/wrapped_text.hpp"

namespace timecast::simulate {
namespace {

using Row = std::vector<std::string>;

std::vector<std::size_t> widths_of(const Table& table) {
  std::vector<std::size_t> widths;
  for (const std::string& cell : table.head) widths.push_back(cell.size());
  for (const Row& row : table.rows) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  return widths;
}

void append_row(std::string& out, const Row& row, const std::vector<std::size_t>& widths) {
  for (std::size_t i = 0; i < row.size(); ++i) {
    const std::string space(widths[i] - row[i].size(), ' ');
    out += i == 0 ? row[i] + space : "  " + space + row[i];
  }
  out.erase(out.find_last_not_of(' ') + 1);
  out += '\n';
}

void append_markdown_row(std::string& out, const Row& row) {
  for (const std::string& cell : row) out.append("| ").append(cell).append(cell.empty() ? "" : " ");
  out += "|\n";
}

}  // namespace

std::string as_text(const Table& table) {
  const auto widths = widths_of(table);
  std::string out = table.title + "\n\n";
  append_row(out, table.head, widths);
  for (const Row& row : table.rows) append_row(out, row, widths);
  if (!table.note.empty()) {
    out += '\n';
    append_wrapped(out, table.note, 0, "");
  }
  return out;
}

std::string as_markdown(const Table& table) {
  std::string out = "**" + table.title + "**\n\n";
  append_markdown_row(out, table.head);
  for (std::size_t i = 0; i < table.head.size(); ++i) out += i == 0 ? "|---" : "|---:";
  out += "|\n";
  for (const Row& row : table.rows) append_markdown_row(out, row);
  if (!table.note.empty()) out += '\n' + table.note + '\n';
  return out;
}

std::string in_three_digits(double value) {
  if (!std::isfinite(value)) return "never";
  const double size = std::abs(value);
  const int decimals = size >= 99.95 || size == 0 ? 0 : size >= 9.995 ? 1 : size >= 0.9995 ? 2 : 3;
  char text[32];
  static_cast<void>(std::snprintf(text, sizeof text, "%.*f", decimals, value));
  return text;
}

}  // namespace timecast::simulate
