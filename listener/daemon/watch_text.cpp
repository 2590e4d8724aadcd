// SPDX-License-Identifier: MIT
#include "listener/daemon/watch_text.hpp"

#include <algorithm>

#include "common/host/calendar_text.hpp"
#include "common/host/seconds_text.hpp"
#include "common/host/signing_key.hpp"
#include "common/host/socket_address.hpp"
#include "listener/daemon/packet_text.hpp"

namespace timecast {

namespace {

constexpr std::size_t kOctetsShown = 32;  // of what is no announcement
constexpr std::size_t kKeyShown = 8;      // characters

std::string time_of(const Moment& at) { return iso_text(at.realtime.since_epoch()); }

std::string key_text(const PublicKey& key) { return to_base64(key).substr(0, kKeyShown); }

std::string signature_text(const HeardAnnouncement& heard) {
  switch (heard.signature) {
    case SignatureVerdict::none: return "unsigned";
    case SignatureVerdict::good: return "signed by " + key_text(heard.field->key);
    case SignatureVerdict::bad: return "BAD SIGNATURE of " + key_text(heard.field->key);
  }
  return "unnamed";
}

// Nobody here has the key.
std::string mac_text(const HeardAnnouncement& heard) {
  if (!heard.mac) return {};
  if (heard.mac->key_id == 0) return ", crypto-NAK";
  return ", MAC of " + counted(heard.mac->octets, "octet") + " by key " +
         std::to_string(heard.mac->key_id) + " (not verified)";
}

}  // namespace

std::string announcement_text(const HeardPacket& packet, const HeardAnnouncement& heard,
                              std::uint64_t lost) {
  const Header& header = heard.header;
  std::string line = time_of(packet.at) + "  " + to_string(packet.from.address) + "  " +
                     packet.interface + "  " + (heard.field ? "precise" : "plain") + "  stratum " +
                     std::to_string(header.stratum) + ", reference " + reference_id_text(header) +
                     ", leap " + to_string(header.leap) + ", interval " +
                     seconds_text(heard.interval());
  if (heard.field) line += ", sequence " + std::to_string(heard.field->sequence);
  if (lost > 0) line += " (" + std::to_string(lost) + " lost)";
  line += ", offset " + signed_seconds_text(heard.offset) + ", " + signature_text(heard) +
          mac_text(heard);
  if (heard.field && heard.field->clock_stepped()) line += ", clock stepped";
  return line;
}

std::string packet_line_text(const HeardPacket& packet, const std::string& reason) {
  const Octets shown = packet.octets.first(std::min(packet.octets.size(), kOctetsShown));
  return time_of(packet.at) + "  " + to_string(packet.from.address) + "  " + packet.interface +
         "  port " + std::to_string(packet.from.port) + " to " + to_string(packet.group.address) +
         " port " + std::to_string(packet.group.port) + ", " +
         counted(packet.octets.size(), "octet") + ", " + reason + ": " + hex_text(shown) +
         (shown.size() < packet.octets.size() ? " ..." : "");
}

std::string alarm_text(const Alarm& alarm) {
  return time_of(alarm.at) + "  ALARM " + to_string(alarm.kind) + ": " + alarm.text;
}

std::string summary_text(const WatchSummary& summary) {
  std::string text = counted(summary.announcements, "announcement") + " on " +
                     counted(summary.announcers.size(), "stream") + ", " +
                     counted(summary.alarms, "alarm") + ", " +
                     counted(summary.packets, "other packet");
  if (summary.untold > 0) {
    text +=
        "\n  alarms held back because their like came too often: " + std::to_string(summary.untold);
  }
  if (summary.unlisted > 0) {
    text += "\n  announcements not listed because strangers sent too many: " +
            std::to_string(summary.unlisted);
  }
  for (const WatchedAnnouncer& each : summary.announcers) {
    text += "\n  " + name_of(each.from, each.interface, each.group) + ": " +
            counted(each.announcements, "announcement");
    if (each.key) text += ", " + std::to_string(each.lost) + " lost, key " + to_base64(*each.key);
  }
  return text;
}

}  // namespace timecast
