// SPDX-License-Identifier: MIT
#include "listener/daemon/status.hpp"

#include "common/host/host_clock.hpp"
#include "common/host/json_object.hpp"
#include "common/host/seconds_text.hpp"
#include "common/host/signing_key.hpp"
#include "common/host/socket_address.hpp"
#include "common/host/status_table.hpp"
#include "listener/daemon/reason_text.hpp"

namespace timecast {

namespace {

void add_estimate(JsonObject& line, const ListenerStatus& s, Timestamp<Boot> now) {
  line.add("offset_s", s.offset)
      .add("error_s", s.error)
      .add("bound_s", s.bound)
      .add("frequency_ppb", s.frequency.count_ppb())
      .add("delay_s", s.delay)
      .add("rtt_s", s.round_trip)
      .add("lateness_bounded", s.lateness_bounded)
      .add("valid_for_s", s.valid_until - now)
      .add("announcer", to_string(s.announcer))
      .add("key", to_base64(s.key))
      .add("leap", to_string(s.leap))
      .add("stratum", s.stratum)
      .add("root_distance_s", s.root_distance)
      .add("interval_s", s.interval)
      .add("interleaved", s.interleaved);
}

JsonObject status_object(const ListenerStatus& s, std::string_view type) {
  JsonObject line = JsonObject::line(type, realtime_now());
  line.add("state", to_string(s.state)).add("reason", sentence_for(s.reason));
  if (s.state != State::searching) add_estimate(line, s, boot_now());
  line.add("announcers", s.sources)
      .add("announcements", s.announcements)
      .add("queries", s.queries)
      .add("exchanges", s.exchanges)
      .add("refused", refusals_object(s.rejected));
  return line;
}

std::string status_json(const ListenerDaemon& daemon) {
  JsonObject line = status_object(daemon.status(), "summary");
  std::vector<JsonObject> groups;
  for (const Membership& membership : daemon.memberships()) {
    JsonObject group;
    group.add("group", to_string(membership.wish.group))
        .add("interface", membership.wish.interface_name)
        .add("open", membership.socket.has_value());
    if (membership.socket) {
      group.add("receive_stamps", (*membership.socket)->abilities().receive_stamps);
    } else {
      group.add("reason", membership.failure);
    }
    groups.push_back(std::move(group));
  }
  line.add("program", "timecast-listener")
      .add("version", TIMECAST_VERSION)
      .add("uptime_s", boot_now() - daemon.started_at())
      .add("groups", std::move(groups));
  return line.text() + "\n";
}

std::string status_text(const ListenerDaemon& daemon) {
  const ListenerStatus s = daemon.status();
  const auto count = [](std::uint64_t n) { return std::to_string(n); };
  StatusTable table;
  table.row("state", std::string{to_string(s.state)} + "; " + sentence_for(s.reason));
  if (s.state != State::searching) {
    table.row("offset", signed_seconds_text(s.offset) + "  (announcer minus this host)");
    table.row("error", seconds_text(s.error) + "  (in 99.9 % of all cases)");
    table.row("bound",
              seconds_text(s.bound) +
                  (s.lateness_bounded ? "  (always)" : "  (if announcements are not held back)"));
    table.row("frequency", frequency_text(s.frequency));
    table.row("delay",
              seconds_text(s.delay) + " one way, least round trip " + seconds_text(s.round_trip));
    table.row("valid",
              "for " + seconds_text(s.valid_until - boot_now()) + " if nothing more is heard");
    table.row("announcer", to_string(s.announcer) + ", stratum " + count(s.stratum) +
                               ", root distance " + seconds_text(s.root_distance) + ", every " +
                               seconds_text(s.interval) +
                               (s.interleaved ? ", interleaved" : ", basic"));
    table.row("key", to_base64(s.key));
  }
  for (const Membership& membership : daemon.memberships()) {
    table.row("group", to_string(membership.wish.group) + " on " + membership.wish.interface_name +
                           (membership.socket ? "" : ": not joined, " + membership.failure));
  }
  table.row("heard", count(s.announcements) + " announcements, " + count(s.sources) +
                         " announcers now; " + count(s.exchanges) + " of " + count(s.queries) +
                         " queries answered");
  table.refusals(s.rejected);
  return table.text();
}

}  // namespace

std::string answer_control(const ListenerDaemon& daemon, std::string_view request) {
  if (request == "status") return status_text(daemon);
  if (request == "status json") return status_json(daemon);
  if (request == "estimate") return estimate_line(daemon.status(), "estimate") + "\n";
  return "error: unknown request; ask for status, status json or estimate\n";
}

std::string describe(const ListenerStatus& s) {
  std::string text = to_string(s.state);
  if (s.state != State::searching) {
    text += " by " + to_string(s.announcer) + " (stratum " + std::to_string(s.stratum) +
            "), offset " + signed_seconds_text(s.offset) + ", error " + seconds_text(s.error) +
            ", bound " + seconds_text(s.bound);
  }
  return text + ": " + sentence_for(s.reason);
}

std::string estimate_line(const ListenerStatus& s, std::string_view type) {
  return status_object(s, type).text();
}

}  // namespace timecast
