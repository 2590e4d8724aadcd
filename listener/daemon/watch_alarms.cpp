// SPDX-License-Identifier: MIT
#include "listener/daemon/watch_alarms.hpp"

#include <algorithm>

#include "common/host/socket_address.hpp"

namespace timecast {

namespace {

constexpr std::uint32_t kAlarmsAtOnce = 4;
constexpr Duration kAlarmPeriod = Duration::seconds(10);

constexpr const char* kBadSignature = "sent a bad signature: forged, or damaged on its way";

}  // namespace

WatchAlarms::Outcome WatchAlarms::on_announcement(const HeardPacket& packet,
                                                  const HeardAnnouncement& heard) {
  Outcome outcome;
  if (heard.signature == SignatureVerdict::bad) {
    refuse(packet, heard, outcome.told);
    return outcome;
  }
  AnnouncerTrack* track = find(packet);
  if (track == nullptr) track = add(packet, heard);
  if (track == nullptr) return outcome;
  outcome.followed = true;
  outcome.lost = track->hear(packet, heard, outcome.told);
  if (!track->introduced) introduce(*track, packet.at, outcome.told);
  return outcome;
}

// Nothing of it is believed, so nothing is remembered.
void WatchAlarms::refuse(const HeardPacket& packet, const HeardAnnouncement& heard,
                         AlarmList& out) {
  if (AnnouncerTrack* const track = find(packet)) {
    track->tell(AlarmKind::bad_signature, packet.at, kBadSignature, out);
  } else if (strangers_.take(packet.at.boot, {kAlarmPeriod, kAlarmsAtOnce})) {
    const Address& from = packet.from.address;
    out.alarms.push_back({AlarmKind::bad_signature, packet.at,
                          name_of(from, packet.interface, packet.group) + ' ' + kBadSignature,
                          packet.interface, from, key_of(heard)});
  } else {
    ++out.untold;
  }
}

void WatchAlarms::introduce(AnnouncerTrack& track, const Moment& at, AlarmList& out) {
  const AnnouncerTrack* const other = other_on_stream(track);
  if (other == nullptr) {
    track.introduced = true;
    return;
  }
  if (!newcomers_.take(at.boot, {kAlarmPeriod, kAlarmsAtOnce})) {
    ++out.untold;
    return;
  }
  const std::string known = to_string(other->who().from);
  const bool same_key = track.who().key && track.who().key == other->who().key;
  track.introduced =
      track.tell(AlarmKind::second_announcer, at,
                 (other->is_silent() ? "announces in place of " + known + ", which is silent"
                                     : "is a second announcer, beside " + known) +
                     (same_key ? ", with the same key" : ""),
                 out);
}

void WatchAlarms::on_ear(const std::string& interface, const Endpoint& group, bool hearing,
                         Timestamp<Boot> now) noexcept {
  for (AnnouncerTrack& track : tracks_) {
    if (track.is_on(interface, group)) track.note_ear(hearing, now);
  }
}

AlarmList WatchAlarms::on_deadline(const Moment& now) {
  AlarmList out;
  for (AnnouncerTrack& track : tracks_) {
    const auto due = track.silent_from();
    if (!due || *due > now.boot) continue;
    const bool tell =
        track.is_established() || passers_by_.take(now.boot, {kAlarmPeriod, kAlarmsAtOnce});
    if (tell) {
      track.fall_silent(now, out);
    } else {
      track.fall_silent_untold();
      ++out.untold;
    }
  }
  return out;
}

std::optional<Timestamp<Boot>> WatchAlarms::next_deadline() const noexcept {
  std::optional<Timestamp<Boot>> next;
  for (const AnnouncerTrack& track : tracks_) {
    const auto due = track.silent_from();
    if (due && (!next || *due < *next)) next = due;
  }
  return next;
}

AnnouncerTrack* WatchAlarms::find(const HeardPacket& packet) noexcept {
  for (AnnouncerTrack& track : tracks_) {
    if (track.is_of(packet)) return &track;
  }
  return nullptr;
}

// In the place of the one that was heard longest ago, if none is left.
AnnouncerTrack* WatchAlarms::add(const HeardPacket& packet, const HeardAnnouncement& first) {
  if (tracks_.size() < kMostAnnouncers) return &tracks_.emplace_back(packet, first);
  AnnouncerTrack* oldest = nullptr;
  for (AnnouncerTrack& track : tracks_) {
    if (!track.may_go(packet.at.boot)) continue;
    if (oldest == nullptr || track.heard_at() < oldest->heard_at()) oldest = &track;
  }
  if (oldest != nullptr) *oldest = AnnouncerTrack{packet, first};
  return oldest;
}

// One that speaks rather than one that is silent.
const AnnouncerTrack* WatchAlarms::other_on_stream(const AnnouncerTrack& track) const noexcept {
  const AnnouncerTrack* found = nullptr;
  for (const AnnouncerTrack& other : tracks_) {
    if (&other == &track || !other.shares_stream_with(track)) continue;
    if (found == nullptr || (found->is_silent() && !other.is_silent())) found = &other;
  }
  return found;
}

}  // namespace timecast
