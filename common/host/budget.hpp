// SPDX-License-Identifier: MIT
//
// How often something may be said: so many times at once, then once in a while.
//
// Threads: one.
#pragma once

#include <algorithm>

#include <timecast/time/timestamp.hpp>

namespace timecast {

class Budget {
 public:
  // Whether it may be said now; if so, that is counted. `burst` at once, then one each `period`.
  [[nodiscard]] bool take(Timestamp<Boot> now, int burst, Duration period) noexcept {
    const Timestamp<Boot> free_at = std::max(free_at_, now);
    if (free_at - now > period * (burst - 1)) return false;
    free_at_ = free_at + period;
    return true;
  }

 private:
  Timestamp<Boot> free_at_;  // when nothing will be owed any more
};

}  // namespace timecast
