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
// Where it announces and what it says of this host's clock, in a sentence.
[[nodiscard]] std::string state_text(const AnnouncerReport& report);
[[nodiscard]] std::string state_line(const AnnouncerReport& report);

}  // namespace timecast
