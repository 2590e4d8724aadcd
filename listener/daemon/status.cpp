// SPDX-License-Identifier: MIT
#include "listener/daemon/status.hpp"

#include <algorithm>

#include <timecast/uv_listener.hpp>

#include "common/host/json_object.hpp"
#include "common/host/seconds_text.hpp"
#include "common/host/signing_key.hpp"
#include "common/host/socket_address.hpp"
#include "common/host/status_table.hpp"
#include "listener/daemon/company_watch.hpp"

namespace timecast {

namespace {

// What has run out is valid for no time, and not for less than none.
Duration valid_for(const ListenerStatus& s, const Moment& now) {
  return std::max(s.valid_until - now.boot, Duration{});
}

void add_estimate(JsonObject& line, const ListenerStatus& s, const Moment& now) {
  line.add("offset_s", s.offset)
      .add("error_s", s.error)
      .add("bound_s", s.bound)
      .add("frequency_ppb", s.frequency.count_ppb())
      .add("delay_s", s.delay)
      .add("rtt_s", s.round_trip)
      .add("lateness_bounded", s.lateness_bounded)
      .add("valid_for_s", valid_for(s, now))
      .add("announcer", to_string(s.announcer))
      .add("stream", s.plain ? "plain" : "precise")
      .add("island", s.island);
  if (!s.plain) line.add("key", to_base64(s.key));
  line.add("leap", to_string(s.leap))
      .add("stratum", s.stratum)
      .add("root_distance_s", s.root_distance)
      .add("interval_s", s.interval)
      .add("interleaved", s.interleaved);
}

JsonObject status_object(const ListenerStatus& s, std::string_view type, const Moment& now) {
  JsonObject line = JsonObject::line(type, now.realtime);
  line.add("state", to_string(s.state)).add("reason", sentence_for(s.reason));
  if (s.state != State::searching) add_estimate(line, s, now);
  if (s.disagreeing > 0) {
    line.add("dissenter", to_string(s.dissenter)).add("dissent_s", s.dissent);
  }
  line.add("streams", s.sources)
      .add("announcers", s.announcers)
      .add("disagreeing", s.disagreeing)
      .add("announcements", s.announcements)
      .add("queries", s.queries)
      .add("exchanges", s.exchanges)
      .add("refused", refusals_object(s.rejected));
  return line;
}

std::string status_json(const ListenerReport& report) {
  JsonObject line = status_object(report.core, "summary", report.now);
  std::vector<JsonObject> groups;
  for (const GroupReport& each : report.groups) {
    JsonObject& group = groups.emplace_back();
    group.add("group", to_string(each.wish.group))
        .add("interface", each.wish.interface_name)
        .add("open", each.open);
    if (each.open) {
      group.add("receive_stamps", each.abilities.receive_stamps)
          .add("stamp_source", to_string(each.abilities.source))
          .add("rejoins", each.rejoins);
    }
    if (each.wish.mac.key != 0) group.add("key_id", each.wish.mac.key);
    if (each.forgotten_after != Duration{}) group.add("forgotten_after_s", each.forgotten_after);
    if (!each.failure.empty()) group.add("reason", each.failure);
  }
  line.add("program", "timecast-listener")
      .add("version", TIMECAST_VERSION)
      .add("uptime_s", report.uptime)
      .add("clock", report.clock)
      .add("unchecked_signatures", report.unchecked)
      .add("kept_out", report.kept_out)
      .add("unanswered", report.unanswered)
      .add("groups", std::move(groups));
  if (report.mac_key != 0) line.add("key_id", report.mac_key);
  if (!report.page.empty()) line.add("page", report.page);
  if (!report.page_failure.empty()) line.add("page_failure", report.page_failure);
  return line.text() + "\n";
}

// Nothing as long as nobody tries.
void add_attacks(StatusTable& table, const ListenerReport& report) {
  if (report.unchecked > 0) {
    table.row("unchecked", std::to_string(report.unchecked) + " signatures: a flood of them");
  }
  if (report.kept_out > 0) {
    table.row("kept out", std::to_string(report.kept_out) + " announcements of times long past");
  }
}

std::string with_key(std::uint32_t key) {
  return key == 0 ? "" : ", with key " + std::to_string(key);
}

std::string key_of(const ListenerReport& report) {
  if (!report.core.plain) return to_base64(report.core.key);
  if (report.mac_key == 0) return "none: it signs nothing";
  return "symmetric, " + std::to_string(report.mac_key) +
         ": whoever else has it could announce as well";
}

std::string forgotten_text(const GroupReport& group) {
  if (group.forgotten_after == Duration{}) return {};
  return ", forgotten by a switch " + seconds_text(group.forgotten_after) +
         " after each join: snooping without a querier";
}

std::string status_text(const ListenerReport& report) {
  const ListenerStatus& s = report.core;
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
              "for " + seconds_text(valid_for(s, report.now)) + " if nothing more is heard");
    table.row("announcer", to_string(s.announcer) + ", stratum " + count(s.stratum) +
                               ", root distance " + seconds_text(s.root_distance) + ", every " +
                               seconds_text(s.interval) +
                               (s.interleaved ? ", interleaved" : ", basic"));
    table.row("company", company_text(s));
    table.row("key", key_of(report));
  }
  table.row("clock", report.clock);
  for (const GroupReport& each : report.groups) {
    const bool hardware = each.open && each.abilities.source == StampSource::hardware;
    table.row("group", to_string(each.wish.group) + " on " + each.wish.interface_name +
                           with_key(each.wish.mac.key) + (hardware ? ", hardware stamps" : "") +
                           forgotten_text(each) +
                           (each.open ? "" : ": not joined, " + each.failure));
  }
  table.row("heard", count(s.announcements) + " announcements; streams now: " + count(s.sources) +
                         "; " + count(s.exchanges) + " of " + count(s.queries) +
                         " queries answered");
  add_attacks(table, report);
  table.row("page", report.page.empty() ? "none: " + report.page_failure : report.page);
  table.row("uptime", seconds_text(report.uptime));
  table.refusals(s.rejected);
  return table.text();
}

}  // namespace

std::string answer_control(const ListenerReport& report, std::string_view request) {
  if (request == "status") return status_text(report);
  if (request == "status json") return status_json(report);
  if (request == "estimate") return estimate_line(report.core, "estimate", report.now) + "\n";
  return "error: unknown request; ask for status, status json or estimate\n";
}

std::string estimate_line(const ListenerStatus& s, std::string_view type, const Moment& now) {
  return status_object(s, type, now).text();
}

}  // namespace timecast
