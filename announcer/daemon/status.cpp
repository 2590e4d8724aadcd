// SPDX-License-Identifier: MIT
#include "announcer/daemon/status.hpp"

#include "common/host/host_clock.hpp"
#include "common/host/json_object.hpp"
#include "common/host/seconds_text.hpp"
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

const char* reason_for(bool synchronised, bool island) {
  if (island) return "island: this host's clock is the reference";
  return synchronised ? "the kernel says that this host's clock is synchronised"
                      : "the kernel says that this host's clock is not synchronised";
}

std::vector<JsonObject> sockets_of(const AnnouncerDaemon& daemon) {
  std::vector<JsonObject> sockets;
  for (const Place& place : daemon.places()) {
    JsonObject socket;
    socket.add("stream", name_of(place.wish.kind))
        .add("interface", place.wish.interface_name)
        .add("local", to_string(place.wish.local))
        .add("open", !place.outlets.empty());
    if (!place.failure.empty()) socket.add("reason", place.failure);
    std::vector<JsonObject> destinations;
    for (const Outlet& outlet : place.outlets) {
      socket.add("transmit_stamps", outlet.socket->abilities().transmit_stamps)
          .add("receive_buffer", static_cast<unsigned>(outlet.socket->abilities().receive_buffer));
      for (const auto& destination : outlet.destinations) {
        destinations.push_back(std::move(JsonObject{}.add("to", to_string(destination.to))));
      }
    }
    sockets.push_back(std::move(socket.add("destinations", std::move(destinations))));
  }
  return sockets;
}

std::string status_json(const AnnouncerDaemon& daemon) {
  const AnnouncerStatus& s = daemon.core_status();
  JsonObject line = JsonObject::line("summary", realtime_now());
  line.add("program", "timecast-announcer")
      .add("version", TIMECAST_VERSION)
      .add("uptime_s", boot_now() - daemon.started_at())
      .add("state", s.synchronised ? "synchronised" : "unsynchronised")
      .add("reason", reason_for(s.synchronised, daemon.options().island))
      .add("key", to_base64(daemon.identity().key.public_key()))
      .add("stratum", s.header.stratum)
      .add("leap", to_string(s.header.leap))
      .add("root_dispersion_s", s.header.root_dispersion.to_duration())
      .add("interval_s", daemon.options().interval)
      .add("sequence", s.sequence)
      .add("announcements", s.announcements)
      .add("plain_announcements", s.plain)
      .add("transmit_stamps", s.stamps)
      .add("lateness_s", s.lateness)
      .add("replies", s.replies)
      .add("signed_replies", s.signed_replies)
      .add("refused", refusals_object(s.rejected))
      .add("sockets", sockets_of(daemon));
  return line.text();
}

std::string describe_place(const Place& place) {
  std::string text = to_string(place.wish.local) + " (" + place.wish.interface_name + ")";
  if (place.outlets.empty()) return text + ": off, " + place.failure;
  for (const Outlet& outlet : place.outlets) {
    for (const auto& destination : outlet.destinations) text += " -> " + to_string(destination.to);
  }
  return place.failure.empty() ? text : text + ": " + place.failure;
}

std::string status_text(const AnnouncerDaemon& daemon) {
  const AnnouncerStatus& s = daemon.core_status();
  const auto count = [](std::uint64_t n) { return std::to_string(n); };
  StatusTable table;
  table.row("state", std::string{s.synchronised ? "synchronised" : "unsynchronised"} +
                         ", stratum " + count(s.header.stratum) + "; " +
                         reason_for(s.synchronised, daemon.options().island));
  table.row("key", to_base64(daemon.identity().key.public_key()));
  for (const Place& place : daemon.places()) {
    table.row(name_of(place.wish.kind), describe_place(place));
  }
  table.row("announced", count(s.announcements) + " precise, " + count(s.plain) +
                             " plain; sequence " + count(s.sequence));
  table.row("lateness", s.stamps == 0 ? "unknown: no transmit stamp came back from the kernel"
                                      : seconds_text(s.lateness) +
                                            " from reading the clock to the wire, median; " +
                                            count(s.stamps) + " stamps");
  table.row("answered",
            count(s.replies) + " queries, " + count(s.signed_replies) + " of them signed");
  table.refusals(s.rejected);
  return table.text();
}

}  // namespace

std::string answer_control(const AnnouncerDaemon& daemon, std::string_view request) {
  if (request == "status") return status_text(daemon);
  if (request == "status json") return status_json(daemon) + "\n";
  return "error: unknown request; ask for status, or status json\n";
}

std::string announcement_line(const AnnouncerDaemon& daemon, const Outlet& outlet,
                              const Endpoint& to, StreamKind kind) {
  const AnnouncerStatus& s = daemon.core_status();
  JsonObject line = JsonObject::line("announcement", realtime_now());
  line.add("stream", name_of(kind))
      .add("from", to_string(outlet.wish.local))
      .add("to", to_string(to))
      .add("interface", outlet.wish.interface_name)
      .add("leap", to_string(s.header.leap))
      .add("stratum", s.header.stratum)
      .add("root_dispersion_s", s.header.root_dispersion.to_duration());
  if (kind == StreamKind::precise) line.add("sequence", s.sequence);
  line.add("lateness_s", s.lateness);
  return line.text();
}

std::string state_line(bool synchronised, bool island) {
  JsonObject line = JsonObject::line("state", realtime_now());
  line.add("state", synchronised ? "synchronised" : "unsynchronised")
      .add("reason", reason_for(synchronised, island));
  return line.text();
}

}  // namespace timecast
