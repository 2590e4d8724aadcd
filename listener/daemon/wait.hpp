// SPDX-License-Identifier: MIT
//
// The command `wait`: returns once the running listener has time to trust. A listener that does not
// run yet is waited for, too.
//
// Threads: the main one.
#pragma once

#include <string>

#include "common/host/json_object.hpp"
#include "common/host/kernel_calls.hpp"
#include "listener/daemon/options.hpp"

namespace timecast {

// A listener's answer to "estimate", if it is synchronised, or is so but for announcements that
// still have to agree; to set a clock by, those are waited for if they come soon. The error: what
// it is instead.
[[nodiscard]] Result<JsonObject> trusted_estimate(const Result<std::string>& answer,
                                                  bool of_clock = false);

// The estimate, if this host's clock is as near as that. The error: how far off it is.
[[nodiscard]] Result<JsonObject> near_estimate(JsonObject estimate, Duration within);

// Steps this host's clock by the estimate's offset. What is closer to the truth than its error is
// left as it is. Returns by how much the clock was stepped.
[[nodiscard]] Result<Duration> set_clock(const JsonObject& estimate,
                                         const KernelCalls& calls = kKernelCalls);

// Prints the time as `now` does, and sets the clock before if the options say so. Returns the exit
// status: 1 if the timeout came first, and says why there is still no time.
[[nodiscard]] int wait_for_time(const ListenerOptions& options);

}  // namespace timecast
