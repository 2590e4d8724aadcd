// SPDX-License-Identifier: MIT
//
// What an operator should know of the announcements on this network, in words.
//
// Sans-I/O: announcements and deadlines come in, alarms come out. A stream is a group, port and
// interface; an announcer is an address on a stream.
//
// Bounded: at most kMostAnnouncers are followed, and each kind of alarm about one of them is told
// four times at once and then every ten seconds.
//
// Threads: one.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "listener/daemon/announcer_track.hpp"

namespace timecast {

class WatchAlarms {
 public:
  static constexpr std::size_t kMostAnnouncers = 256;

  struct Outcome {
    bool followed = false;   // false: its signature is bad, or there are too many announcers
    std::uint64_t lost = 0;  // sequences since the last of its chain
    AlarmList told;
  };
  [[nodiscard]] Outcome on_announcement(const HeardPacket& packet, const HeardAnnouncement& heard);

  // Whether a stream can be heard from now on.
  void on_ear(const std::string& interface, const Endpoint& group, bool hearing,
              Timestamp<Boot> now) noexcept;

  [[nodiscard]] AlarmList on_deadline(const Moment& now);
  // When on_deadline() is next due; nothing if nobody is waited for.
  [[nodiscard]] std::optional<Timestamp<Boot>> next_deadline() const noexcept;

  [[nodiscard]] const std::vector<AnnouncerTrack>& announcers() const noexcept { return tracks_; }

 private:
  [[nodiscard]] AnnouncerTrack* find(const HeardPacket& packet) noexcept;
  [[nodiscard]] AnnouncerTrack* add(const HeardPacket& packet, const HeardAnnouncement& first);
  [[nodiscard]] const AnnouncerTrack* other_on_stream(const AnnouncerTrack& track) const noexcept;
  void introduce(AnnouncerTrack& track, const Moment& at, AlarmList& out);
  void refuse(const HeardPacket& packet, const HeardAnnouncement& heard, AlarmList& out);

  std::vector<AnnouncerTrack> tracks_;
  // So that a flood of strangers is no flood of alarms.
  TokenBucket newcomers_;   // on a stream that has an announcer
  TokenBucket passers_by_;  // that fall silent
  TokenBucket strangers_;   // whose signature is bad
};

}  // namespace timecast
