// SPDX-License-Identifier: MIT
#include "listener/daemon/watch.hpp"

#include <algorithm>

#include "listener/daemon/packet_text.hpp"

namespace timecast {

namespace {

constexpr std::uint32_t kStrangersAtOnce = 64;
constexpr Duration kStrangerPeriod = Duration::seconds(1);

}  // namespace

void Watch::on_packet(const HeardPacket& packet) {
  const auto heard = read_announcement(packet, verifier_);
  if (!heard) {
    ++packets_;
    return list_other(packet, heard.error());
  }
  ++announcements_;
  const auto outcome = alarms_.on_announcement(packet, *heard);
  if (outcome.followed || strangers_.take(packet.at.boot, {kStrangerPeriod, kStrangersAtOnce})) {
    list(packet, *heard, outcome.lost);
  } else {
    ++unlisted_;
  }
  tell(outcome.told);
}

void Watch::list(const HeardPacket& packet, const HeardAnnouncement& heard, std::uint64_t lost) {
  if (format_.json) return print_(announcement_json(packet, heard, lost, format_.hex));
  print_(announcement_text(packet, heard, lost));
  if (format_.hex) print_rows(packet_text(packet.octets, packet.at.realtime));
}

void Watch::list_other(const HeardPacket& packet, const std::string& reason) {
  if (format_.json) return print_(packet_json(packet, reason));
  print_(packet_line_text(packet, reason));
  if (!format_.hex) return;
  const bool is_ntp = !packet.truncated && decode(packet.octets).has_value();
  print_rows(is_ntp ? packet_text(packet.octets, packet.at.realtime) : hex_dump(packet.octets));
}

void Watch::on_state(const StreamState& state, const Moment& now) {
  alarms_.on_ear(state.interface, state.group, state.hearing, now.boot);
  if (format_.json) print_(state_json(state, now.realtime));
}

void Watch::on_deadline(const Moment& now) { tell(alarms_.on_deadline(now)); }

void Watch::tell(const AlarmList& list) {
  untold_ += list.untold;
  alarms_told_ += list.alarms.size();
  for (const Alarm& alarm : list.alarms) {
    print_(format_.json ? alarm_json(alarm) : alarm_text(alarm));
  }
}

void Watch::end(Timestamp<Realtime> now) {
  WatchSummary summary{announcements_, alarms_told_, packets_, untold_, unlisted_, {}};
  for (const AnnouncerTrack& track : alarms_.announcers()) {
    summary.announcers.push_back(track.who());
  }
  if (format_.json) return print_(summary_json(summary, now));
  print_rows(summary_text(summary));
}

// Each by itself: a line that fits a pipe's free room never makes us wait.
void Watch::print_rows(std::string_view rows) {
  while (!rows.empty()) {
    const std::size_t end = std::min(rows.find('\n'), rows.size());
    print_(rows.substr(0, end));
    rows.remove_prefix(std::min(end + 1, rows.size()));
  }
}

}  // namespace timecast
