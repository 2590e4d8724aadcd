// SPDX-License-Identifier: MIT
//
// Small functions of doubles, by value: for std::max(), std::min() and std::clamp() a machine
// without hardware for doubles puts both into memory, and each operation is a call.
//
// Builds:  freestanding, constexpr.
#pragma once

#include <timecast/time/small.hpp>

namespace timecast {

TIMECAST_SHARED_WHEN_SMALL constexpr double larger(double a, double b) noexcept {
  return a < b ? b : a;
}
TIMECAST_SHARED_WHEN_SMALL constexpr double smaller(double a, double b) noexcept {
  return b < a ? b : a;
}
// REQUIRES: low <= high.
TIMECAST_SHARED_WHEN_SMALL constexpr double limited(double x, double low, double high) noexcept {
  return larger(smaller(x, high), low);
}
// REQUIRES: most >= 0.
TIMECAST_SHARED_WHEN_SMALL constexpr double within(double x, double most) noexcept {
  return limited(x, -most, most);
}
TIMECAST_SHARED_WHEN_SMALL constexpr double square(double x) noexcept { return x * x; }

}  // namespace timecast
