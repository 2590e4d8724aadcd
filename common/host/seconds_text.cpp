// SPDX-License-Identifier: MIT
#include "common/host/seconds_text.hpp"

#include <array>
#include <cstdio>
#include <iterator>

namespace timecast {

namespace {

struct Unit {
  std::int64_t ns;
  const char* name;
};

constexpr Unit kUnits[] = {{1, "ns"}, {1'000, "us"}, {1'000'000, "ms"}, {1'000'000'000, "s"}};

// Whether four digits show it as a thousand of this unit, or more.
bool is_beyond(Duration d, const Unit& unit) {
  return magnitude(d).count_ns() >= (99'995 * unit.ns + 99) / 100;
}

}  // namespace

std::string seconds_text(Duration d) {
  const Unit* unit = std::begin(kUnits);
  while (is_beyond(d, *unit) && unit + 1 != std::end(kUnits)) ++unit;
  const double number = static_cast<double>(d.count_ns()) / static_cast<double>(unit->ns);
  std::array<char, 48> text{};
  static_cast<void>(std::snprintf(text.data(), text.size(),
                                  is_beyond(d, *unit) ? "%.0f %s" : "%.4g %s", number, unit->name));
  return text.data();
}

std::string signed_seconds_text(Duration d) {
  return (d < Duration{} ? "" : "+") + seconds_text(d);
}

std::string frequency_text(FrequencyPpb f) {
  std::array<char, 48> text{};
  static_cast<void>(std::snprintf(text.data(), text.size(), "%+.3f ppm", f.count_ppb() * 1e-3));
  return text.data();
}

std::string counted(std::uint64_t count, const std::string& what) {
  return std::to_string(count) + ' ' + what + (count == 1 ? "" : "s");
}

}  // namespace timecast
