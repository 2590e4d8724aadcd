// SPDX-License-Identifier: MIT
//
// The command `now`: the running listener's estimate, applied to this host's clock.
//
// Threads: the main one.
#pragma once

#include "listener/daemon/options.hpp"

namespace timecast {

// Returns the exit status: 1 if there is no time to speak of, and says why.
[[nodiscard]] int show_now(const ListenerOptions& options);

}  // namespace timecast
