// SPDX-License-Identifier: MIT
//
// The command `now`: the running listener's estimate, applied to this host's clock.
//
// Threads: the main one.
#pragma once

#include <string>
#include <string_view>

#include "common/host/json_object.hpp"
#include "listener/daemon/options.hpp"

namespace timecast {

// Whether a listener in this state has the time.
[[nodiscard]] bool has_time(std::string_view state) noexcept;

// From what a listener said when it was asked for its estimate.
[[nodiscard]] Result<JsonObject> estimate_in(const Result<std::string>& answer);

// What to print of an answer to "estimate", given this host's clock. The error: there is no time to
// speak of, or strftime() makes nothing of the format.
[[nodiscard]] Result<std::string> now_line(JsonObject estimate, Timestamp<Realtime> here,
                                           const ListenerOptions& options);

// Returns the exit status: 1 if there is no time to speak of, and says why.
[[nodiscard]] int show_now(const ListenerOptions& options);

}  // namespace timecast
