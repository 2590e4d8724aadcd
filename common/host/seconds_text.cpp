// SPDX-License-Identifier: MIT
#include "common/host/seconds_text.hpp"

#include <array>
#include <cmath>
#include <cstdio>

namespace timecast {

namespace {

struct Unit {
  double seconds;
  const char* name;
};

Unit unit_for(double seconds) {
  if (seconds < 1e-6) return {1e-9, "ns"};
  if (seconds < 1e-3) return {1e-6, "us"};
  if (seconds < 1.0) return {1e-3, "ms"};
  return {1.0, "s"};
}

std::string in_words(Duration d, const char* format) {
  const double seconds = d.to_seconds();
  // A rounded 999.96 us is 1000 us: still what it says.
  const Unit unit = unit_for(std::fabs(seconds));
  std::array<char, 48> text{};
  std::snprintf(text.data(), text.size(), format, seconds / unit.seconds, unit.name);
  return text.data();
}

}  // namespace

std::string seconds_text(Duration d) { return in_words(d, "%.4g %s"); }
std::string signed_seconds_text(Duration d) { return in_words(d, "%+.4g %s"); }

std::string frequency_text(FrequencyPpb f) {
  std::array<char, 48> text{};
  std::snprintf(text.data(), text.size(), "%+.3f ppm", f.count_ppb() * 1e-3);
  return text.data();
}

}  // namespace timecast
