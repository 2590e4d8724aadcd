// SPDX-License-Identifier: MIT
//
// One announcer on one stream, as `watch` follows it: an address at a group, port and interface.
//
// What it is said to be (stratum, leap, key ...) changes when the alarm about it is told. So what
// changes back and forth faster than alarms may be told is told as it is when it can be.
//
// Threads: one; sans-I/O.
#pragma once

#include <algorithm>
#include <array>
#include <optional>
#include <string>

#include <timecast/time/token_bucket.hpp>

#include "listener/daemon/alarm.hpp"
#include "listener/daemon/jump_watch.hpp"
#include "listener/daemon/watch_packet.hpp"

namespace timecast {

struct WatchedAnnouncer {
  std::string interface;
  Endpoint group;
  Address from;
  std::optional<PublicKey> key;
  std::uint64_t announcements = 0;
  std::uint64_t lost = 0;
};

// For people: 192.0.2.2 (eth0, 239.255.123.124 port 11123).
[[nodiscard]] std::string name_of(const Address& from, const std::string& interface,
                                  const Endpoint& group);
[[nodiscard]] std::optional<PublicKey> key_of(const HeardAnnouncement& heard);

class AnnouncerTrack {
 public:
  AnnouncerTrack(const HeardPacket& packet, const HeardAnnouncement& first);

  // Takes an announcement whose signature is not bad. Returns how many of its chain are missing
  // before it.
  std::uint64_t hear(const HeardPacket& packet, const HeardAnnouncement& heard, AlarmList& out);

  // When three intervals will have passed; nothing while it is silent.
  [[nodiscard]] std::optional<Timestamp<Boot>> silent_from() const noexcept;
  void fall_silent(const Moment& now, AlarmList& out);
  void fall_silent_untold() noexcept { silent_ = true; }
  // Where this host is deaf, nobody falls silent.
  void note_ear(bool hearing, Timestamp<Boot> now) noexcept;

  // Adds an alarm about this announcer. False if its like came too often.
  bool tell(AlarmKind kind, const Moment& at, const std::string& what, AlarmList& out);

  [[nodiscard]] const WatchedAnnouncer& who() const noexcept { return who_; }
  [[nodiscard]] bool is_of(const HeardPacket& packet) const noexcept;
  [[nodiscard]] bool is_on(const std::string& interface, const Endpoint& group) const noexcept;
  [[nodiscard]] bool shares_stream_with(const AnnouncerTrack& other) const noexcept;
  [[nodiscard]] bool is_silent() const noexcept { return silent_; }
  [[nodiscard]] bool is_established() const noexcept;  // heard more than in passing
  // Whether its place may go to another: silent, or heard in passing and not for ten seconds.
  [[nodiscard]] bool may_go(Timestamp<Boot> now) const noexcept;
  [[nodiscard]] Timestamp<Boot> heard_at() const noexcept { return heard_at_; }

  bool introduced = false;  // it was alone on its stream, or is told to be the second

 private:
  [[nodiscard]] Timestamp<Boot> quiet_since() const noexcept {
    return std::max(heard_at_, listened_from_);
  }
  // The chain that was heard last.
  [[nodiscard]] bool continues(const HeardAnnouncement& heard) const noexcept;
  std::uint64_t count(const HeardAnnouncement& heard) noexcept;
  void judge_silence(const Moment& at, AlarmList& out);
  void judge_key(const Moment& at, AlarmList& out);
  void judge_header(const HeardAnnouncement& heard, const Moment& at, AlarmList& out);
  void judge_time(const HeardAnnouncement& heard, const Moment& at, AlarmList& out);

  WatchedAnnouncer who_;
  std::uint16_t chain_ = 0;
  std::uint64_t sequence_ = 0;
  Timestamp<Boot> heard_at_;
  Duration interval_;
  bool silent_ = false;
  bool deaf_ = false;
  Timestamp<Boot> listened_from_;  // without a break

  JumpWatch jumps_;
  std::optional<Timestamp<Announced>> transmit_;  // of the last one that was synchronised

  // As told.
  std::optional<PublicKey> told_key_;
  bool told_synchronised_ = true;
  bool told_silent_ = false;
  std::optional<std::uint8_t> told_stratum_;
  Leap told_leap_ = Leap::none;
  std::array<TokenBucket, kAlarmKinds> budgets_;
};

}  // namespace timecast
