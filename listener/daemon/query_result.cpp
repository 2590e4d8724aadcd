// SPDX-License-Identifier: MIT
#include "listener/daemon/query_result.hpp"

#include <utility>

#include "listener/daemon/packet_text.hpp"

namespace timecast {

namespace {

constexpr const char* kUnsynchronised =
    "it says that its own clock is not synchronised; see to its time source";

constexpr std::pair<Reject, const char*> kRefusals[] = {
    {Reject::bad_mode,
     "its packet is no server's answer: the mode is another; is that an NTP server's port?"},
    {Reject::bad_version, "its packet has no NTP version of 1 to 4; is that an NTP server's port?"},
    {Reject::origin_mismatch,
     "its packet does not answer the question: the origin is not what was sent; it came late, or "
     "somebody forges answers"},
    {Reject::no_announcement, "its answer is not signed; only announcers of timecast sign"},
    {Reject::bad_announcement,
     "its answer is signed in a way unknown here; which version does it run?"},
    {Reject::bad_signature,
     "the signature of its answer is wrong; somebody forges answers, or changes them on their way"},
};

NtpTimestamp on_the_wire(Timestamp<Realtime> t) {
  return to_ntp(Timestamp<Announced>{t.since_epoch()});
}

bool is_challenge_packet(Octets request) { return request.size() == kAnnouncementPacketOctets; }

Expected<PublicKey, Reject> signer_of(Octets request, const Packet& reply,
                                      const Verifier& verifier) {
  const auto announcement = find_announcement(reply);
  if (!announcement) return because(announcement.error());
  const Octets nonce = request.last(kNonceOctets);
  if (!verify_packet(reply.octets, *announcement, nonce, verifier)) {
    return because(Reject::bad_signature);
  }
  return announcement->key;
}

bool is_kiss(const Header& header) noexcept {
  return header.stratum == kStratumUnspecified && !all_zero(header.reference_id);
}

bool left_before_it_came(const Header& header) noexcept {
  return difference(header.transmit, header.receive) < Duration{};
}

// RFC 5905 section 7.4, and those that ntpd sends before it is synchronised.
std::string why_kiss(const Header& header) {
  const std::string code = reference_id_text(header);
  if (code == "INIT" || code == "STEP") return kUnsynchronised;
  if (code == "RATE") return "it is asked too often (kiss of death RATE); wait some minutes";
  if (code == "DENY" || code == "RSTR") {
    return "it does not serve this host (kiss of death " + code + "); allow it there";
  }
  return "it does not want to be asked like this (kiss of death " + code + "); ask another server";
}

}  // namespace

std::vector<std::uint8_t> plain_request(const Entropy& entropy) {
  const HeaderOctets octets =
      encode(minimal_request(NtpTimestamp{entropy.word() | 1U}));  // never "unknown"
  return {octets.begin(), octets.end()};
}

std::vector<std::uint8_t> challenge_request(const Entropy& entropy) {
  std::vector<std::uint8_t> request = plain_request(entropy);
  request.resize(kAnnouncementPacketOctets);
  Nonce nonce{};
  entropy(nonce);
  write_challenge(request, kHeaderOctets, nonce);
  return request;
}

Expected<QueryResult, Reject> read_reply(Octets request, Octets reply, const TimesHere& here,
                                         const Verifier& verifier) {
  const auto packet = decode(reply);
  if (!packet) return because(packet.error());
  const Header& header = packet->header;
  if (header.mode != Mode::server) return because(Reject::bad_mode);
  const Header asked = decode_header(request.first<kHeaderOctets>());
  if (header.origin != asked.transmit) return because(Reject::origin_mismatch);
  QueryResult result;
  result.header = header;
  // Each difference first: a sum of stamps would not fit (RFC 5905 section 8).
  const Duration there = difference(header.receive, on_the_wire(here.sent));
  const Duration back = difference(header.transmit, on_the_wire(here.received));
  result.offset = there + (back - there) / 2;
  result.round_trip = there - back;
  result.bound = magnitude(result.round_trip) / 2 + header.root_delay.to_duration() / 2 +
                 header.root_dispersion.to_duration();
  if (!is_challenge_packet(request)) return result;
  const auto key = signer_of(request, *packet, verifier);
  if (!key) return because(key.error());
  result.key = *key;
  return result;
}

std::string why_refused(Reject reason) {
  for (const auto& [refused, sentence] : kRefusals) {
    if (refused == reason) return sentence;
  }
  return "its packet is no NTP packet (" + in_words(to_string(reason)) +
         "); is that an NTP server's port?";
}

std::optional<std::string> why_no_time(const Header& header) {
  if (is_kiss(header)) return why_kiss(header);
  if (header.leap == Leap::unsynchronised || header.stratum == kStratumUnspecified ||
      header.stratum > kMaxStratum) {
    return kUnsynchronised;
  }
  if (header.transmit.is_unknown()) return "its transmit stamp is zero, and so tells no time";
  if (header.receive.is_unknown()) return "its receive stamp is zero, and so tells no delay";
  if (left_before_it_came(header)) {
    return "its stamps say that the answer left before the question came; see to its clock";
  }
  return std::nullopt;
}

bool tells_offset(const Header& header) noexcept {
  return !is_kiss(header) && !header.transmit.is_unknown() && !header.receive.is_unknown() &&
         !left_before_it_came(header);
}

}  // namespace timecast
