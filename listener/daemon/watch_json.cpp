// SPDX-License-Identifier: MIT
#include "listener/daemon/watch_json.hpp"

#include <algorithm>

#include "common/host/json_object.hpp"
#include "common/host/signing_key.hpp"
#include "common/host/socket_address.hpp"
#include "listener/daemon/packet_text.hpp"

namespace timecast {

namespace {

std::string hex_digits(Octets octets) {
  std::string text = hex_text(octets);
  std::erase(text, ' ');
  return text;
}

void add_group(JsonObject& line, const Endpoint& group) {
  line.add("group", to_string(group.address)).add("port", group.port);
}

void add_way(JsonObject& line, const HeardPacket& packet) {
  line.add("interface", packet.interface)
      .add("from", to_string(packet.from.address))
      .add("from_port", packet.from.port);
  add_group(line, packet.group);
}

void add_key(JsonObject& line, const std::optional<PublicKey>& key) {
  if (key) {
    line.add("key", to_base64(*key));
  } else {
    line.add_null("key");
  }
}

void add_field(JsonObject& line, const HeardAnnouncement& heard, std::uint64_t lost) {
  line.add("stream", heard.field ? "precise" : "plain");
  add_key(line, key_of(heard));
  line.add("signature", to_string(heard.signature));
  if (heard.field) {
    line.add("chain", heard.field->chain).add("sequence", heard.field->sequence);
  } else {
    line.add_null("chain").add_null("sequence");
  }
  line.add("lost", lost);
}

void add_header(JsonObject& line, const Header& header) {
  line.add("version", header.version)
      .add("leap", to_string(header.leap))
      .add("stratum", header.stratum)
      .add("reference_id", reference_id_text(header))
      .add("poll", header.poll.exponent());
}

void add_times(JsonObject& line, const HeardAnnouncement& heard) {
  line.add("interval_s", heard.interval())
      .add("precision_s", heard.header.precision.to_duration())
      .add("root_delay_s", heard.header.root_delay.to_duration())
      .add("root_dispersion_s", heard.header.root_dispersion.to_duration())
      .add("transmit_s", heard.transmit.since_epoch())
      .add("offset_s", heard.offset);
}

}  // namespace

std::string announcement_json(const HeardPacket& packet, const HeardAnnouncement& heard,
                              std::uint64_t lost, bool with_hex) {
  JsonObject line = JsonObject::line("announcement", packet.at.realtime);
  add_way(line, packet);
  add_field(line, heard, lost);
  add_header(line, heard.header);
  add_times(line, heard);
  if (packet.hop_limit) {
    line.add("hop_limit", *packet.hop_limit);
  } else {
    line.add_null("hop_limit");
  }
  line.add("stepped", heard.field && heard.field->clock_stepped());
  line.add("octets", packet.octets.size());
  if (heard.mac) line.add("key_id", heard.mac->key_id).add("mac_octets", heard.mac->octets);
  if (packet.host_synchronised) {
    line.add("host_synchronised", *packet.host_synchronised);
  } else {
    line.add_null("host_synchronised");
  }
  if (with_hex) line.add("hex", hex_digits(packet.octets));
  return line.text();
}

std::string packet_json(const HeardPacket& packet, const std::string& reason) {
  JsonObject line = JsonObject::line("packet", packet.at.realtime);
  add_way(line, packet);
  line.add("octets", packet.octets.size())
      .add("hex", hex_digits(packet.octets))
      .add("reason", reason);
  return line.text();
}

std::string alarm_json(const Alarm& alarm) {
  JsonObject line = JsonObject::line("alarm", alarm.at.realtime);
  line.add("alarm", to_string(alarm.kind))
      .add("text", alarm.text)
      .add("interface", alarm.interface)
      .add("from", to_string(alarm.from));
  add_key(line, alarm.key);
  return line.text();
}

std::string state_json(const StreamState& state, Timestamp<Realtime> now) {
  JsonObject line = JsonObject::line("state", now);
  line.add("interface", state.interface);
  add_group(line, state.group);
  line.add("state", state.hearing ? "hearing" : "deaf").add("reason", state.reason);
  return line.text();
}

std::string summary_json(const WatchSummary& summary, Timestamp<Realtime> now) {
  JsonObject line = JsonObject::line("summary", now);
  line.add("announcements", summary.announcements)
      .add("alarms", summary.alarms)
      .add("packets", summary.packets);
  std::vector<JsonObject> announcers;
  for (const WatchedAnnouncer& each : summary.announcers) {
    JsonObject& object = announcers.emplace_back();
    add_key(object, each.key);
    object.add("from", to_string(each.from))
        .add("interface", each.interface)
        .add("announcements", each.announcements)
        .add("lost", each.lost);
  }
  return line.add("announcers", std::move(announcers)).text();
}

}  // namespace timecast
