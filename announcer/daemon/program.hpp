// SPDX-License-Identifier: MIT
//
// timecast-announcer as a function: the whole program but for the clock it announces.
#pragma once

#include "announcer/daemon/announced_clock.hpp"

namespace timecast {

// Returns the exit status.
[[nodiscard]] int announcer_program(int argc, const char* const* argv,
                                    const AnnouncedClock& clock = {});

}  // namespace timecast
