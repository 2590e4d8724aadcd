// SPDX-License-Identifier: MIT
//
// What an announcer says of itself: on its control socket, and as lines of `--json`.
//
// Threads: the loop's.
#pragma once

#include <string>
#include <string_view>

#include "announcer/daemon/daemon.hpp"

namespace timecast {

// Requests: "status" for people, "status json" for programs.
[[nodiscard]] std::string answer_control(const AnnouncerDaemon& daemon, std::string_view request);

[[nodiscard]] std::string announcement_line(const AnnouncerDaemon& daemon, const Outlet& outlet,
                                            const Endpoint& to, StreamKind kind);
[[nodiscard]] std::string state_line(bool synchronised, bool island);

}  // namespace timecast
