// SPDX-License-Identifier: MIT
//
// std::max(), std::min() and std::clamp() of doubles, by value: a machine without hardware for them
// puts what those refer to into memory, and compares by a call.
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

}  // namespace timecast
