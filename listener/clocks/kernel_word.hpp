// SPDX-License-Identifier: MIT
//
// What the kernel, and who asks it, may believe of the clock in each state of the listener.
//
//     searching     as it was
//     tentative     as it was, unless the operator trusts what only listening tells
//     synchronised  synchronised, unless it is off by more than 0.1 s still; leap seconds
//     holdover      as it was, with errors that grow
//     lost          unsynchronised
//
// Threads: any; pure functions.
// Source:  adjtimex(2); RFC 5905 section 7.3 (leap indicator).
#pragma once

#include <cstdint>
#include <optional>

#include <timecast/listener/status.hpp>

namespace timecast {

struct KernelWord {
  std::optional<bool> synchronised;  // nothing: as it was
  Leap leap = Leap::none;            // if synchronised: at the end of this UTC day
  std::int64_t max_error_us = 0;     // of CLOCK_REALTIME, whose offset is an error until it is gone
  std::int64_t estimated_error_us = 0;
};

// Nothing: say nothing. `now` is CLOCK_REALTIME.
[[nodiscard]] std::optional<KernelWord> kernel_word(const ListenerStatus& status,
                                                    Timestamp<Realtime> now, bool trust_tentative);

// A leap second ends a month; an announcer may tell of it all month long, the kernel makes it at
// the end of the day it is told on.
[[nodiscard]] bool is_last_of_month(Timestamp<Announced> utc);

}  // namespace timecast
