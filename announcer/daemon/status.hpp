// SPDX-License-Identifier: MIT
//
// What an announcer says of itself: on its control socket, and as lines of `--json`.
//
// Threads: any; pure functions.
#pragma once

#include <string>
#include <string_view>

#include "announcer/daemon/report.hpp"

namespace timecast {

// Requests: "status" for people, "status json" for programs.
[[nodiscard]] std::string answer_control(const AnnouncerReport& report, std::string_view request);

// Of the announcement that has just been sent.
[[nodiscard]] std::string announcement_line(const AnnouncerStatus& status, const SocketWish& from,
                                            const Endpoint& to, Timestamp<Realtime> now);
[[nodiscard]] std::string state_line(bool synchronised, bool island, Timestamp<Realtime> now);

}  // namespace timecast
