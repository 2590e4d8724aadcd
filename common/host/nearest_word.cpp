// SPDX-License-Identifier: MIT
#include "common/host/nearest_word.hpp"

#include <algorithm>

namespace timecast {

namespace {

// How many letters must be changed, added or taken away to make one word of another.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t changed = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({changed, row[j] + 1, diagonal + 1});
    }
  }
  return row[b.size()];
}

}  // namespace

std::string suggestion(std::string_view word, const std::vector<std::string_view>& names) {
  std::string_view nearest;
  std::size_t least = 3;
  for (const std::string_view name : names) {
    const std::size_t d = distance(word, name);
    if (d >= least || 3 * d > name.size()) continue;
    nearest = name;
    least = d;
  }
  return nearest.empty() ? std::string{} : "; did you mean " + std::string{nearest} + "?";
}

}  // namespace timecast
