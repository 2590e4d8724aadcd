// SPDX-License-Identifier: MIT
#include "announcer/daemon/status.hpp"

#include <algorithm>

#include "announcer/daemon/failures.hpp"
#include "common/host/json_object.hpp"
#include "common/host/reference_id.hpp"
#include "common/host/seconds_text.hpp"
#include "common/host/signing_key.hpp"
#include "common/host/socket_address.hpp"
#include "common/host/status_table.hpp"

namespace timecast {

namespace {

const char* name_of(StreamKind kind) {
  switch (kind) {
    case StreamKind::precise: return "precise";
    case StreamKind::plain: return "plain";
  }
  return "unnamed";
}

const char* name_of_state(bool synchronised) {
  return synchronised ? "synchronised" : "unsynchronised";
}

std::vector<JsonObject> destinations_of(const SocketReport& socket) {
  std::vector<JsonObject> destinations;
  for (const DestinationReport& each : socket.destinations) {
    JsonObject& destination = destinations.emplace_back();
    destination.add("to", to_string(each.to));
    if (each.key != 0) destination.add("key_id", each.key);
    if (!each.failure.empty()) destination.add("reason", each.failure);
  }
  return destinations;
}

std::vector<JsonObject> sockets_of(const AnnouncerReport& report) {
  std::vector<JsonObject> sockets;
  for (const SocketReport& each : report.sockets) {
    JsonObject& socket = sockets.emplace_back();
    socket.add("stream", name_of(each.wish.kind))
        .add("interface", each.wish.interface_name)
        .add("local", to_string(each.wish.local))
        .add("open", each.open);
    if (!each.reason.empty()) socket.add("reason", each.reason);
    if (each.open) {
      socket.add("transmit_stamps", each.abilities.transmit_stamps)
          .add("receive_stamps", each.abilities.receive_stamps)
          .add("stamp_source", to_string(each.abilities.source));
    }
    socket.add("destinations", destinations_of(each));
  }
  return sockets;
}

std::vector<JsonObject> neighbours_of(const AnnouncerReport& report) {
  std::vector<JsonObject> neighbours;
  for (const Neighbour& each : report.neighbours) {
    neighbours.emplace_back()
        .add("address", to_string(each.address))
        .add("key", to_base64(each.voice.key))
        .add("state", name_of_state(each.voice.synchronised))
        .add("island", each.voice.island)
        .add("stratum", each.stratum)
        .add("root_distance_s", each.voice.root_distance)
        .add("ahead_s", each.ahead);
  }
  return neighbours;
}

std::string status_json(const AnnouncerReport& report) {
  const AnnouncerStatus& s = report.core;
  JsonObject line = JsonObject::line("summary", report.now);
  line.add("program", "timecast-announcer")
      .add("version", TIMECAST_VERSION)
      .add("uptime_s", report.uptime)
      .add("state", name_of_state(report.synchronised))
      .add("reason", report.clock_reason)
      .add("key", to_base64(report.key))
      .add("stratum", s.header.stratum)
      .add("clock_source", to_string(report.clock_source))
      .add("reference_id", reference_id_text(s.header))
      .add("leap", to_string(s.header.leap))
      .add("root_delay_s", s.header.root_delay.to_duration())
      .add("root_dispersion_s", s.header.root_dispersion.to_duration())
      .add("interval_s", report.interval)
      .add("sequence", s.sequence)
      .add("announcements", s.announcements)
      .add("plain_announcements", s.plain)
      .add("send_failures", report.send_failures)
      .add("stamps", s.stamps)
      .add("lateness_s", s.lateness)
      .add("replies", s.replies)
      .add("signed_replies", s.signed_replies)
      .add("interleaved_replies", s.interleaved_replies)
      .add("askers", s.askers)
      .add("query_spread_s", s.query_spread)
      .add("authenticated_replies", s.authenticated_replies)
      .add("refused", refusals_object(s.rejected))
      .add("sockets", sockets_of(report))
      .add("neighbours", neighbours_of(report));
  return line.text();
}

bool has_hardware_stamps(const SocketReport& socket) {
  return socket.abilities.source == StampSource::hardware;
}

// 300 addresses of one interface that do nothing but answer are one row.
bool have_one_row(const SocketReport& a, const SocketReport& b) {
  return a.destinations.empty() && b.destinations.empty() && a.wish.kind == b.wish.kind &&
         a.wish.interface_name == b.wish.interface_name && a.open == b.open &&
         a.reason == b.reason && has_hardware_stamps(a) == has_hardware_stamps(b);
}

std::string in_words(const SocketReport& socket, std::size_t more) {
  std::string text = and_more(socket.wish.local, more) + " (" + socket.wish.interface_name + ")";
  if (!socket.open) return text + ": off, " + socket.reason;
  for (const DestinationReport& each : socket.destinations) {
    text += " -> " + to_string(each.to);
    if (each.key != 0) text += " with key " + std::to_string(each.key);
    if (!each.failure.empty()) text += " (failing: " + each.failure + ")";
  }
  if (has_hardware_stamps(socket)) text += "; hardware stamps";
  return socket.reason.empty() ? text : text + "; " + socket.reason;
}

void add_sockets(StatusTable& table, const std::vector<SocketReport>& sockets) {
  for (auto first = sockets.begin(); first != sockets.end(); ++first) {
    const auto same = [&](const SocketReport& other) { return have_one_row(*first, other); };
    if (std::any_of(sockets.begin(), first, same)) continue;
    const auto more = static_cast<std::size_t>(std::count_if(first + 1, sockets.end(), same));
    table.row(name_of(first->wish.kind), in_words(*first, more));
  }
}

std::string status_text(const AnnouncerReport& report) {
  const AnnouncerStatus& s = report.core;
  const auto count = [](std::uint64_t n) { return std::to_string(n); };
  StatusTable table;
  table.row("state", std::string{name_of_state(report.synchronised)} + ", stratum " +
                         count(s.header.stratum) + "; " + report.clock_reason);
  table.row("reference", reference_id_text(s.header) + ", root delay " +
                             seconds_text(s.header.root_delay.to_duration()) +
                             ", root dispersion " +
                             seconds_text(s.header.root_dispersion.to_duration()));
  table.row("key", to_base64(report.key));
  add_sockets(table, report.sockets);
  std::string announced = count(s.announcements) + " precise, " + count(s.plain) +
                          " plain; sequence " + count(s.sequence);
  if (report.send_failures != 0) {
    announced += "; " + count(report.send_failures) + " did not leave";
  }
  table.row("announced", announced);
  table.row("lateness", s.stamps == 0 ? "unknown: no transmit stamp came back from the kernel"
                                      : seconds_text(s.lateness) +
                                            " from reading the clock to the wire, median; " +
                                            count(s.stamps) + " stamps");
  table.row("answered", count(s.replies) + " queries, " + count(s.signed_replies) +
                            " of them signed, " + count(s.interleaved_replies) + " interleaved" +
                            (s.authenticated_replies == 0
                                 ? ""
                                 : ", " + count(s.authenticated_replies) + " with a MAC"));
  table.row("asking", "about " + count(s.askers) +
                          " hosts; new ones spread their first queries over " +
                          seconds_text(s.query_spread));
  for (const Neighbour& each : report.neighbours) {
    table.row("neighbour", describe(each, report.voice));
  }
  table.row("uptime", seconds_text(report.uptime));
  table.refusals(s.rejected);
  return table.text();
}

}  // namespace

std::string answer_control(const AnnouncerReport& report, std::string_view request) {
  if (request == "status") return status_text(report);
  if (request == "status json") return status_json(report) + "\n";
  return "error: unknown request; ask for status, or status json\n";
}

std::string announcement_line(const AnnouncerStatus& s, const SocketWish& from, const Endpoint& to,
                              Timestamp<Realtime> now) {
  JsonObject line = JsonObject::line("announcement", now);
  line.add("stream", name_of(from.kind))
      .add("from", to_string(from.local))
      .add("to", to_string(to))
      .add("interface", from.interface_name)
      .add("leap", to_string(s.header.leap))
      .add("stratum", s.header.stratum)
      .add("root_dispersion_s", s.header.root_dispersion.to_duration());
  if (from.kind == StreamKind::precise) line.add("sequence", s.sequence);
  line.add("late_s", s.late).add("lateness_s", s.lateness);
  return line.text();
}

std::string state_text(const AnnouncerReport& report) {
  std::vector<std::string> names;
  for (const SocketReport& each : report.sockets) {
    const std::string& name = each.wish.interface_name;
    const bool is_known = std::find(names.begin(), names.end(), name) != names.end();
    if (!each.destinations.empty() && !is_known) names.push_back(name);
  }
  std::string text = names.empty() ? "announcing nowhere" : "announcing by ";
  for (const std::string& name : names) text += (&name == &names.front() ? "" : ", ") + name;
  return text + ": " + report.clock_reason;
}

std::string state_line(const AnnouncerReport& report) {
  JsonObject line = JsonObject::line("state", report.now);
  line.add("state", name_of_state(report.synchronised))
      .add("clock_source", to_string(report.clock_source))
      .add("reason", report.clock_reason);
  return line.text();
}

}  // namespace timecast
