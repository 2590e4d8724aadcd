// SPDX-License-Identifier: MIT
//
// The command `wait`: returns once the running listener has time to trust. A listener that does not
// run yet is waited for, too.
//
// Threads: the main one.
#pragma once

#include <string>

#include "common/host/json_object.hpp"
#include "listener/daemon/options.hpp"

namespace timecast {

// A listener's answer to "estimate", if it is synchronised. The error: what it is instead.
[[nodiscard]] Result<JsonObject> trusted_estimate(const Result<std::string>& answer);

// Prints the time as `now` does. Returns the exit status: 1 if the timeout came first, and says why
// there is still no time.
[[nodiscard]] int wait_for_time(const ListenerOptions& options);

}  // namespace timecast
