// SPDX-License-Identifier: MIT
#include "listener/core/admission.hpp"

#include <algorithm>

#include <timecast/wire/groups.hpp>

namespace timecast {
namespace {

// MAXDISP of RFC 5905 is 16 s; nobody who is 1 s away from the truth helps a LAN.
constexpr Duration kMaxRootDistance = Duration::seconds(1);
constexpr Duration kMaxReferenceAge = Duration::seconds(86'400);
// A stamp from before the pivot unfolds 136 years late: nothing may lie this far ahead.
constexpr Duration kCeiling = Duration::seconds(50LL * 366 * 86'400);
// Plain streams: others announce in version 3 as well, and say too little of when to ask.
constexpr std::uint8_t kLeastPlainVersion = 3;
constexpr std::uint16_t kPlainQuerySpread = 10;

// Makes a plain announcement look like one with a field. The interval is what it claims; arrivals
// will tell better.
void name_plain(Heard& heard, const Header& header, const Arrival& arrival) noexcept {
  Announcement& a = heard.announcement;
  copy_octets(arrival.from.address.octets, MutableOctets{a.key}.first(16));
  copy_octets(arrival.to.octets, MutableOctets{a.key}.last(16));
  a.query_spread = kPlainQuerySpread;
  a.interval_ms = 1'000U << static_cast<unsigned>(std::clamp<int>(header.poll.exponent(), 0, 10));
  a.sequence = static_cast<std::uint64_t>(heard.transmit.since_epoch().count_ns());
  heard.id.chain = kPlainChain;
}

Reject unfit_path(const SourceId& id, const Arrival& arrival) noexcept {
  const Address& from = arrival.from.address;
  if (!id.is_plain() && !arrival.to.is_multicast()) return Reject::bad_destination;
  if (!from.is_unicast() || arrival.from.port == 0) return Reject::bad_source;
  // Loopback cannot be reached from outside, and routes nothing: its hop limit says nothing. Nor
  // does that of others: they send with what their system gives them.
  if (id.is_plain() || from.is_loopback() || !arrival.hop_limit) return kNotRejected;
  return *arrival.hop_limit == kOnLinkHopLimit ? kNotRejected : Reject::bad_hop_limit;
}

Reject already_heard(const Source* source, const Heard& heard, Timestamp<Boot> now) noexcept {
  if (source == nullptr) return kNotRejected;
  const std::uint64_t sequence = heard.announcement.sequence;
  if (sequence == source->sequence) return Reject::duplicate;
  // Whose sequence is the time itself falls back with his clock. He is believed when he has not
  // been for a while.
  const bool may_fall_back = heard.id.is_plain() && source->silent(now);
  return sequence < source->sequence && !may_fall_back ? Reject::replayed : kNotRejected;
}

}  // namespace

Reject unfit_clock(const Header& h, NtpTimestamp sent) noexcept {
  if (h.leap == Leap::unsynchronised) return Reject::unsynchronised;
  if (h.stratum == kStratumUnspecified || h.stratum > kMaxStratum) return Reject::bad_stratum;
  if (root_distance(h) > kMaxRootDistance) return Reject::root_distance_too_large;
  const Duration reference_age = difference(sent, h.reference);
  if (reference_age < Duration{} || reference_age > kMaxReferenceAge) {
    return Reject::bad_reference_time;
  }
  return kNotRejected;
}

Reject Admission::untrusted(const Packet& packet, const Heard& heard,
                            const Arrival& arrival) const noexcept {
  if (heard.id.is_plain()) {
    // A MAC is as good as none without its key; a NAK says that ours is wrong, and we sent none.
    return packet.is_crypto_nak() ? Reject::unknown_mac : arrival.mac;
  }
  if (!keyring_.accepts(heard.announcement.key, arrival.at.boot)) return Reject::unknown_key;
  if (config_.signatures == SignatureMode::off) return kNotRejected;
  const bool holds = verify_packet(packet.octets, heard.announcement, {}, config_.verifier);
  return holds ? kNotRejected : Reject::bad_signature;
}

Reject Admission::implausible(const Header& header, const Heard& heard) const noexcept {
  if (header.transmit.is_unknown()) return Reject::zero_transmit;
  if (const Reject reason = unfit_clock(header, header.transmit); reason != kNotRejected) {
    return reason;
  }
  if (!heard.announcement.has_interval()) return Reject::bad_announcement;
  return heard.transmit - config_.pivot > kCeiling ? Reject::implausible_time : kNotRejected;
}

Reject Admission::examine(const Packet& packet, const Arrival& arrival,
                          Heard& heard) const noexcept {
  const auto announcement = find_announcement(packet);
  heard.transmit = unfold(packet.header.transmit, config_.pivot);
  heard.id.interface = arrival.from.interface;
  if (announcement) {
    heard.announcement = *announcement;
    heard.id.chain = announcement->chain;
  } else if (arrival.may_be_plain && announcement.error() == Reject::no_announcement) {
    name_plain(heard, packet.header, arrival);
  }
  heard.id.key = heard.announcement.key;
  const bool plain = heard.id.is_plain();
  Reject reason = unfit_path(heard.id, arrival);
  if (reason != kNotRejected) return reason;
  if (packet.header.version < (plain ? kLeastPlainVersion : kNtpVersion)) {
    return Reject::bad_version;
  }
  if (!announcement && !plain) return announcement.error();
  reason = already_heard(find_source(sources_, heard.id), heard, arrival.at.boot);
  if (reason == kNotRejected) reason = untrusted(packet, heard, arrival);
  if (reason == kNotRejected) reason = implausible(packet.header, heard);
  if (reason == kNotRejected && arrival.follows_us) reason = Reject::timing_loop;
  return reason;
}

}  // namespace timecast
