// SPDX-License-Identifier: MIT
//
// What `watch --json` prints: one object a line. For people: watch_text.hpp.
//
// Threads: any; pure functions.
#pragma once

#include "listener/daemon/watch_text.hpp"

namespace timecast {

// Whether a group can be heard on an interface, and if not, why and what to do.
struct StreamState {
  std::string interface;  // "-" if there is none
  Endpoint group;
  bool hearing = false;
  std::string reason;
};

// Lines without their line feed. `with_hex` adds the packet's octets.
[[nodiscard]] std::string announcement_json(const HeardPacket& packet,
                                            const HeardAnnouncement& heard, std::uint64_t lost,
                                            bool with_hex);
[[nodiscard]] std::string packet_json(const HeardPacket& packet, const std::string& reason);
[[nodiscard]] std::string alarm_json(const Alarm& alarm);
[[nodiscard]] std::string state_json(const StreamState& state, Timestamp<Realtime> now);
[[nodiscard]] std::string summary_json(const WatchSummary& summary, Timestamp<Realtime> now);

}  // namespace timecast
