// SPDX-License-Identifier: MIT
#include "listener/daemon/watch_packet.hpp"

#include "listener/daemon/packet_text.hpp"

namespace timecast {

namespace {

std::string no_announcement(std::string_view why) { return "no announcement: " + in_words(why); }

}  // namespace

const char* to_string(SignatureVerdict verdict) noexcept {
  switch (verdict) {
    case SignatureVerdict::none: return "none";
    case SignatureVerdict::good: return "good";
    case SignatureVerdict::bad: return "bad";
  }
  return "unnamed";
}

Duration HeardAnnouncement::interval() const noexcept {
  return field ? field->interval() : header.poll.to_duration();
}

bool HeardAnnouncement::is_synchronised() const noexcept {
  return header.leap != Leap::unsynchronised && header.stratum != kStratumUnspecified &&
         header.stratum <= kMaxStratum;
}

Expected<HeardAnnouncement, std::string> read_announcement(const HeardPacket& packet,
                                                           const Verifier& verifier) {
  if (packet.truncated) {
    return because("longer than " + std::to_string(packet.octets.size()) + " octets");
  }
  const auto decoded = decode(packet.octets);
  if (!decoded) return because("no NTP packet: " + in_words(to_string(decoded.error())));
  HeardAnnouncement heard;
  heard.header = decoded->header;
  if (!decoded->mac.empty()) {
    heard.mac = {read_big_endian<std::uint32_t>(decoded->mac, 0), decoded->mac.size()};
  }
  if (heard.header.mode != Mode::broadcast) {
    return because(no_announcement("mode ") + in_words(to_string(heard.header.mode)));
  }
  if (heard.header.transmit.is_unknown()) {
    return because(no_announcement(to_string(Reject::zero_transmit)));
  }
  const auto field = find_announcement(*decoded);
  if (!field && field.error() != Reject::no_announcement) {
    return because(no_announcement(to_string(field.error())));
  }
  if (field && is_challenge(*field)) return because("a challenge, no announcement");
  if (field) {
    heard.field = *field;
    const bool good = verify_packet(packet.octets, *field, {}, verifier);
    heard.signature = good ? SignatureVerdict::good : SignatureVerdict::bad;
  }
  const Timestamp<Announced> here{packet.at.realtime.since_epoch()};
  heard.offset = difference(heard.header.transmit, to_ntp(here));
  heard.transmit = here + heard.offset;
  return heard;
}

}  // namespace timecast
