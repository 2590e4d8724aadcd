// SPDX-License-Identifier: MIT
//
// What a listener says: on its control socket, in the log, and as lines of `--json`.
//
// Threads: any; pure functions.
#pragma once

#include <string>
#include <string_view>

#include "listener/daemon/report.hpp"

namespace timecast {

// Requests: "status" for people, "status json" and "estimate" for programs.
[[nodiscard]] std::string answer_control(const ListenerReport& report, std::string_view request);

// A line of `--json`, of type "estimate" or "state". Keys of the estimate are there once there is
// one.
[[nodiscard]] std::string estimate_line(const ListenerStatus& status, std::string_view type,
                                        const Moment& now);

}  // namespace timecast
