// SPDX-License-Identifier: MIT
//
// What `watch` prints for people: a line for each announcement and alarm, each packet taken apart
// where that is wished for. For programs: watch_json.hpp.
//
// Threads: any; pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "listener/daemon/announcer_track.hpp"

namespace timecast {

struct WatchSummary {
  std::uint64_t announcements = 0;
  std::uint64_t alarms = 0;
  std::uint64_t packets = 0;  // that were no announcements
  std::uint64_t untold = 0;   // alarms that were held back
  std::uint64_t unlisted =
      0;  // announcements of strangers in a flood, of which no line was printed
  std::vector<WatchedAnnouncer> announcers;
};

// Lines without their last line feed.
[[nodiscard]] std::string announcement_text(const HeardPacket& packet,
                                            const HeardAnnouncement& heard, std::uint64_t lost);
// Source, length and the first octets of what is no announcement.
[[nodiscard]] std::string packet_line_text(const HeardPacket& packet, const std::string& reason);
[[nodiscard]] std::string alarm_text(const Alarm& alarm);
[[nodiscard]] std::string summary_text(const WatchSummary& summary);

}  // namespace timecast
