// SPDX-License-Identifier: MIT
#include "listener/daemon/packet_text.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>

#include <timecast/wire/announcement.hpp>

#include "common/host/calendar_text.hpp"
#include "common/host/seconds_text.hpp"
#include "common/host/signing_key.hpp"

namespace timecast {

namespace {

constexpr std::size_t kOctetsPerRow = 8;
constexpr std::size_t kOctetsPerDumpRow = 16;
constexpr Duration kNoTimeBeyond = Duration::seconds(10LL * 366 * 86'400);

template <class... Values>
std::string formatted(const char* format, Values... values) {
  std::array<char, 160> text{};
  static_cast<void>(std::snprintf(text.data(), text.size(), format, values...));
  return text.data();
}

char printable(std::uint8_t octet) {
  return octet >= 0x20 && octet < 0x7F ? static_cast<char>(octet) : '.';
}

// Rows of one packet, from its first octet to its last.
class Rows {
 public:
  explicit Rows(Octets octets) : octets_{octets} {}

  // The next `count` octets and what they mean; a long field continues on rows of its own.
  void add(std::size_t count, const std::string& meaning) {
    const std::size_t end = std::min(at_ + count, octets_.size());
    std::string text = "  " + meaning;
    do {
      const std::size_t length = std::min(kOctetsPerRow, end - at_);
      const std::string hex = hex_text(octets_.subspan(at_, length));
      out_ += formatted("%5zu  %-23s", at_, hex.c_str()) + text + "\n";
      text.clear();
      at_ += length;
    } while (at_ < end);
  }
  [[nodiscard]] std::size_t left() const { return octets_.size() - at_; }
  [[nodiscard]] std::string take() { return std::move(out_); }

 private:
  Octets octets_;
  std::size_t at_ = 0;
  std::string out_;
};

std::string log2_text(Log2Seconds value) {
  return std::to_string(value.exponent()) + ": " + seconds_text(value.to_duration());
}

// A request that tells nothing of its host: what it has for the server to give back is random.
bool is_minimised(const Header& h) {
  return h.mode == Mode::client && h.precision == kUntoldPrecision;
}

std::string own_stamp_text(const Header& h, NtpTimestamp stamp, Timestamp<Realtime> now) {
  return is_minimised(h) && !stamp.is_unknown() ? "a random number" : stamp_text(stamp, now);
}

std::string origin_text(NtpTimestamp origin, Timestamp<Realtime> now, NtpTimestamp asked) {
  const bool is_asked = !origin.is_unknown() && origin == asked;
  return is_asked ? "the question's random number" : stamp_text(origin, now);
}

void add_header(Rows& rows, const Header& h, Timestamp<Realtime> now, NtpTimestamp asked) {
  rows.add(1, std::string{"leap "} + to_string(h.leap) + ", version " + std::to_string(h.version) +
                  ", mode " + in_words(to_string(h.mode)));
  rows.add(1, "stratum " + std::to_string(h.stratum));
  rows.add(1, "poll " + log2_text(h.poll));
  rows.add(1, h.precision == kUntoldPrecision ? "precision 32: not told"
                                              : "precision " + log2_text(h.precision));
  rows.add(4, "root delay " + seconds_text(h.root_delay.to_duration()));
  rows.add(4, "root dispersion " + seconds_text(h.root_dispersion.to_duration()));
  rows.add(4, "reference id " + reference_id_text(h));
  rows.add(8, "reference " + stamp_text(h.reference, now));
  rows.add(8, "origin " + origin_text(h.origin, now, asked));
  rows.add(8, "receive " + own_stamp_text(h, h.receive, now));
  rows.add(8, "transmit " + own_stamp_text(h, h.transmit, now));
}

void add_announcement(Rows& rows, const Announcement& a) {
  rows.add(2, "announcement field");
  rows.add(2, "length " + std::to_string(kAnnouncementOctets));
  rows.add(4, "magic \"TCST\"");
  rows.add(1, "version 1");
  rows.add(1, "algorithm 1: Ed25519");
  rows.add(2, a.clock_stepped() ? "flags: the clock was stepped since the packet before"
                                : "flags " + std::to_string(a.flags));
  rows.add(kPublicKeyOctets, is_challenge(a) ? "no key: a challenge" : "key " + to_base64(a.key));
  rows.add(2, "chain " + std::to_string(a.chain));
  rows.add(2, "query spread " + seconds_text(a.query_spread_duration()));
  rows.add(4, "interval " + seconds_text(a.interval()));
  rows.add(8, "sequence " + std::to_string(a.sequence));
  rows.add(kSignatureOctets, is_challenge(a) ? "nonce that the reply must sign" : "signature");
}

void add_successor(Rows& rows, const Successor& successor) {
  rows.add(2, "successor field");
  rows.add(2, "length " + std::to_string(kSuccessorOctets));
  rows.add(4, "magic \"TCRO\"");
  rows.add(kPublicKeyOctets, "old key " + to_base64(successor.old_key));
  rows.add(kSignatureOctets, "signature of the old key over the new one");
}

void add_field(Rows& rows, const Packet& packet, const ExtensionField& field) {
  const auto announcement = find_announcement(packet);
  if (announcement && announcement->offset == field.offset) {
    return add_announcement(rows, *announcement);
  }
  const auto successor = find_successor(packet);
  if (successor && field.type == kSuccessorType) return add_successor(rows, *successor);
  rows.add(2, formatted("extension field of type 0x%04x", static_cast<unsigned>(field.type)));
  rows.add(2, "length " + std::to_string(field.octets.size()));
  rows.add(field.octets.size() - 4, "value");
}

void add_mac(Rows& rows, const Packet& packet) {
  if (packet.is_crypto_nak()) return rows.add(4, "crypto-NAK");
  const auto key_id = read_big_endian<std::uint32_t>(packet.mac, 0);
  rows.add(4, "key id " + std::to_string(key_id));
  rows.add(rows.left(), "digest of " + std::to_string(rows.left()) + " octets");
}

}  // namespace

std::string in_words(std::string_view name) {
  std::string words{name};
  std::replace(words.begin(), words.end(), '_', ' ');
  return words;
}

std::string hex_text(Octets octets) {
  std::string text;
  for (const std::uint8_t octet : octets) {
    text += formatted(text.empty() ? "%02x" : " %02x", static_cast<unsigned>(octet));
  }
  return text;
}

std::string hex_dump(Octets octets) {
  std::string out;
  for (std::size_t at = 0; at < octets.size(); at += kOctetsPerDumpRow) {
    const Octets row = octets.subspan(at, std::min(kOctetsPerDumpRow, octets.size() - at));
    out += formatted("%5zu  %-47s  ", at, hex_text(row).c_str());
    for (const std::uint8_t octet : row) out += printable(octet);
    out += "\n";
  }
  return out;
}

std::string stamp_text(NtpTimestamp stamp, Timestamp<Realtime> now) {
  if (stamp.is_unknown()) return "none";
  const Timestamp<Announced> here{now.since_epoch()};
  const Duration from_now = difference(stamp, to_ntp(here));
  if (magnitude(from_now) > kNoTimeBeyond) return "no time: a random number";
  return long_iso_text((here + from_now).since_epoch());
}

std::string packet_text(Octets octets, Timestamp<Realtime> now, NtpTimestamp asked) {
  const auto packet = decode(octets);
  if (!packet) {
    return "no NTP packet: " + in_words(to_string(packet.error())) + "\n" + hex_dump(octets);
  }
  Rows rows{octets};
  add_header(rows, packet->header, now, asked);
  for (const ExtensionField field : packet->fields()) add_field(rows, *packet, field);
  if (!packet->mac.empty()) add_mac(rows, *packet);
  return rows.take();
}

}  // namespace timecast
