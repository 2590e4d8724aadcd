// SPDX-License-Identifier: MIT
//
// The command `now`: the running listener's estimate, applied to this host's clock.
//
// Threads: the main one.
#pragma once

#include <string>

#include "common/host/json_object.hpp"
#include "listener/daemon/options.hpp"

namespace timecast {

// What to print of an answer to "estimate", given this host's clock. The error: there is no time to
// speak of, or strftime() makes nothing of the format.
[[nodiscard]] Result<std::string> now_line(JsonObject estimate, Timestamp<Realtime> here,
                                           const ListenerOptions& options);

// Returns the exit status: 1 if there is no time to speak of, and says why.
[[nodiscard]] int show_now(const ListenerOptions& options);

}  // namespace timecast
