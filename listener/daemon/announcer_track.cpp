// SPDX-License-Identifier: MIT
#include "listener/daemon/announcer_track.hpp"

#include <algorithm>

#include "common/host/seconds_text.hpp"
#include "common/host/signing_key.hpp"
#include "common/host/socket_address.hpp"

namespace timecast {

namespace {

constexpr std::uint32_t kAlarmsAtOnce = 4;
constexpr Duration kAlarmPeriod = Duration::seconds(10);
// Whatever an announcer promises.
constexpr Duration kShortestInterval = Duration::milliseconds(100);
constexpr Duration kLongestInterval = Duration::seconds(std::int64_t{1} << 17);  // RFC 5905
constexpr int kIntervals = 3;
constexpr std::uint64_t kEstablished = 3;  // announcements
constexpr Duration kForgotten = Duration::seconds(10);

bool is_same_stream(const WatchedAnnouncer& a, const std::string& interface,
                    const Endpoint& group) noexcept {
  return a.group.address == group.address && a.group.port == group.port && a.interface == interface;
}

std::string change_of_key(const std::optional<PublicKey>& from,
                          const std::optional<PublicKey>& to) {
  if (!to) return "is no longer signed";
  if (!from) return "is signed now, by the key " + to_base64(*to);
  return "has another key: " + to_base64(*to) + " instead of " + to_base64(*from);
}

const char* change_of_leap(Leap leap) {
  switch (leap) {
    case Leap::none: return "no longer announces a leap second";
    case Leap::insert_second: return "announces a leap second: one will be inserted";
    case Leap::delete_second: return "announces a leap second: one will be deleted";
    case Leap::unsynchronised: break;  // is told otherwise
  }
  return "has no leap indicator";
}

}  // namespace

const char* to_string(AlarmKind kind) noexcept {
  switch (kind) {
    case AlarmKind::second_announcer: return "second-announcer";
    case AlarmKind::step: return "step";
    case AlarmKind::backwards: return "backwards";
    case AlarmKind::stratum: return "stratum";
    case AlarmKind::leap: return "leap";
    case AlarmKind::key: return "key";
    case AlarmKind::silence: return "silence";
    case AlarmKind::heard_again: return "heard-again";
    case AlarmKind::unsynchronised: return "unsynchronised";
    case AlarmKind::synchronised: return "synchronised";
    case AlarmKind::bad_signature: return "bad-signature";
  }
  return "unnamed";
}

std::string name_of(const Address& from, const std::string& interface, const Endpoint& group) {
  // Without an interface in the endpoint: it is named beside it.
  return to_string(from) + " (" + interface + ", " + to_string(group.address) + " port " +
         std::to_string(group.port) + ")";
}

std::optional<PublicKey> key_of(const HeardAnnouncement& heard) {
  return heard.field ? std::optional{heard.field->key} : std::nullopt;
}

AnnouncerTrack::AnnouncerTrack(const HeardPacket& packet, const HeardAnnouncement& first)
    : who_{packet.interface, packet.group, packet.from.address, key_of(first)},
      told_key_{key_of(first)} {}

std::uint64_t AnnouncerTrack::hear(const HeardPacket& packet, const HeardAnnouncement& heard,
                                   AlarmList& out) {
  if (continues(heard) && heard.field->sequence <= sequence_) {
    if (heard.field->sequence == sequence_) return 0;  // a network that doubles packets
    tell(AlarmKind::backwards, packet.at,
         "an announcement of the past was heard again, sequence " +
             std::to_string(heard.field->sequence) + " after " + std::to_string(sequence_),
         out);
    return 0;
  }
  judge_silence(packet.at, out);
  deaf_ = false;
  const std::uint64_t lost = count(heard);
  heard_at_ = packet.at.boot;
  interval_ = std::clamp(heard.interval(), kShortestInterval, kLongestInterval);
  judge_key(packet.at, out);
  judge_header(heard, packet.at, out);
  judge_time(heard, packet.at, out);
  return lost;
}

bool AnnouncerTrack::continues(const HeardAnnouncement& heard) const noexcept {
  return heard.field && who_.announcements > 0 && who_.key == heard.field->key &&
         chain_ == heard.field->chain;
}

std::uint64_t AnnouncerTrack::count(const HeardAnnouncement& heard) noexcept {
  const std::uint64_t lost = continues(heard) ? heard.field->sequence - sequence_ - 1 : 0;
  ++who_.announcements;
  who_.lost += std::min(lost, ~std::uint64_t{0} - who_.lost);
  who_.key = key_of(heard);
  chain_ = heard.field ? heard.field->chain : std::uint16_t{0};
  sequence_ = heard.field ? heard.field->sequence : 0;
  return lost;
}

void AnnouncerTrack::judge_silence(const Moment& at, AlarmList& out) {
  silent_ = false;
  if (!told_silent_) return;
  const std::string silence = seconds_text(at.boot - heard_at_);
  told_silent_ =
      !tell(AlarmKind::heard_again, at, "is heard again after a silence of " + silence, out);
}

void AnnouncerTrack::judge_key(const Moment& at, AlarmList& out) {
  if (who_.key == told_key_) return;
  if (tell(AlarmKind::key, at, change_of_key(told_key_, who_.key), out)) told_key_ = who_.key;
}

void AnnouncerTrack::judge_header(const HeardAnnouncement& heard, const Moment& at,
                                  AlarmList& out) {
  const Header& header = heard.header;
  const bool synchronised = heard.is_synchronised();
  if (synchronised != told_synchronised_) {
    const bool told =
        synchronised
            ? tell(AlarmKind::synchronised, at, "says that its clock is synchronised again", out)
            : tell(AlarmKind::unsynchronised, at, "says that its clock is not synchronised", out);
    if (told) told_synchronised_ = synchronised;
  }
  if (!synchronised) return;  // then stratum and leap say the same once more
  if (!told_stratum_) told_stratum_ = header.stratum;
  if (header.stratum != *told_stratum_ &&
      tell(AlarmKind::stratum, at,
           "changed its stratum from " + std::to_string(*told_stratum_) + " to " +
               std::to_string(header.stratum),
           out)) {
    told_stratum_ = header.stratum;
  }
  if (header.leap != told_leap_ && tell(AlarmKind::leap, at, change_of_leap(header.leap), out)) {
    told_leap_ = header.leap;
  }
}

void AnnouncerTrack::judge_time(const HeardAnnouncement& heard, const Moment& at, AlarmList& out) {
  if (!heard.is_synchronised()) {  // nobody takes its time, and it will be set
    transmit_.reset();
    jumps_.forget();
    return;
  }
  const Duration ahead = offset_between(heard.transmit, at.boot);
  const bool says_so = heard.field && heard.field->clock_stepped();
  const bool is_back = transmit_ && heard.transmit < *transmit_;
  const Duration back_by = is_back ? *transmit_ - heard.transmit : Duration{};
  transmit_ = heard.transmit;
  const auto jump = says_so || is_back ? jumps_.restart(ahead, at.boot)
                                       : jumps_.look(ahead, at.boot).value_or(Duration{});
  if (is_back) {
    tell(AlarmKind::backwards, at, "went back in time by " + seconds_text(back_by), out);
  }
  if (says_so) {
    tell(AlarmKind::step, at,
         "says that its clock was stepped; it moved by " + signed_seconds_text(jump), out);
  } else if (jump != Duration{} && !is_back) {
    tell(AlarmKind::step, at, "stepped its clock by " + signed_seconds_text(jump), out);
  }
}

std::optional<Timestamp<Boot>> AnnouncerTrack::silent_from() const noexcept {
  if (silent_ || deaf_) return std::nullopt;
  return quiet_since() + interval_ * kIntervals +
         interval_ / 10;  // the last may come a little late
}

void AnnouncerTrack::note_ear(bool hearing, Timestamp<Boot> now) noexcept {
  if (hearing && deaf_) listened_from_ = now;
  deaf_ = !hearing;
}

void AnnouncerTrack::fall_silent(const Moment& now, AlarmList& out) {
  silent_ = true;
  if (told_silent_) return;
  told_silent_ = tell(AlarmKind::silence, now,
                      "is silent: nothing for " + seconds_text(now.boot - quiet_since()) +
                          ", and it promised an announcement every " + seconds_text(interval_),
                      out);
}

bool AnnouncerTrack::tell(AlarmKind kind, const Moment& at, const std::string& what,
                          AlarmList& out) {
  if (!budgets_[static_cast<std::size_t>(kind)].take(at.boot, {kAlarmPeriod, kAlarmsAtOnce})) {
    ++out.untold;
    return false;
  }
  out.alarms.push_back({kind, at, name_of(who_.from, who_.interface, who_.group) + ' ' + what,
                        who_.interface, who_.from, who_.key});
  return true;
}

bool AnnouncerTrack::is_of(const HeardPacket& packet) const noexcept {
  return who_.from == packet.from.address && is_same_stream(who_, packet.interface, packet.group);
}

bool AnnouncerTrack::is_on(const std::string& interface, const Endpoint& group) const noexcept {
  return is_same_stream(who_, interface, group);
}

bool AnnouncerTrack::shares_stream_with(const AnnouncerTrack& other) const noexcept {
  return is_same_stream(who_, other.who_.interface, other.who_.group);
}

bool AnnouncerTrack::is_established() const noexcept { return who_.announcements >= kEstablished; }

bool AnnouncerTrack::may_go(Timestamp<Boot> now) const noexcept {
  return now - heard_at_ > kForgotten && (silent_ || !is_established());
}

}  // namespace timecast
