// SPDX-License-Identifier: MIT
#include "announcer/core/answers.hpp"

#include <algorithm>

namespace timecast {
namespace {

// A request older than this when it is answered would only teach its sender a wrong delay.
constexpr Duration kStaleRequest = Duration::milliseconds(500);
// Of clients that are not interleaved, the departures of so many are asked for all the same: where
// little is asked, as on most networks, of all. Replies that are seldom leave late, and by how much
// must be known to be written ahead; where they are many, it is a microsecond, and asking would
// cost as much.
constexpr Pace kDepartures{Duration::milliseconds(4), 16};
// Who only looks interleaved, which takes one bit, is believed so often: he may be one whose reply
// is forgotten, or who begins, and the next time he is known.
constexpr Pace kUnknownDepartures{Duration::microseconds(100), 64};

constexpr SendToken kReplyToken = 0x8000'0000U;  // announcements have those below
constexpr std::size_t kOriginOffset = 24;
constexpr std::size_t kReceiveOffset = 32;
constexpr std::size_t kSignatureOffset = kAnnouncementPacketOctets - sizeof(Signature);

}  // namespace

void Answers::set_header(Header header) noexcept {
  header.mode = Mode::server;
  header_ = encode(header);
}

void Answers::begin_timeline() noexcept {
  memory_.forget_all();
  ++timeline_;
}

std::optional<Reject> Answers::refused(const Query& query, const Request& request,
                                       const AnnouncedMoment& now) noexcept {
  if (!query.to.address.is_unicast()) return Reject::bad_destination;
  if (!answerable(query.from, query.to)) return Reject::bad_source;
  const bool on_link = query.from.address.is_loopback() || access_.allows(query.from.address);
  if (!on_link) return Reject::not_allowed;
  if (magnitude(now.announced - query.received) > kStaleRequest) return Reject::stale_request;
  if (!request.mac.empty()) {
    const Reject reason =
        macs_.check(query.octets.first(kHeaderOctets), request.mac, query.to.address);
    if (reason != kNotRejected) return reason;
  }
  // Last, because only the limiter remembers.
  if (!limiter_.admit(query.from.address, now.host.boot)) return Reject::rate_limited;
  return std::nullopt;
}

std::optional<Reject> Answers::answer(const Query& query, const Request& request,
                                      const AnnouncedMoment& now, Reply& reply) noexcept {
  if (const auto reason = refused(query, request, now)) return reason;
  reply.is_signed = request.nonce.has_value();
  if (reply.is_signed) {
    const auto turn = limiter_.admit_signature(now.host.boot);
    if (!turn) return Reject::rate_limited;
    reply.not_before = *turn;
  }
  write(query, request, now.host.boot, reply);
  const bool wanted = reply.is_interleaved || wants_departure(request, reply.client, now.host.boot);
  reply.token = wanted ? kReplyToken | ++last_token_ : 0;
  return std::nullopt;
}

void Answers::write(const Query& query, const Request& request, Timestamp<Boot> now,
                    Reply& reply) noexcept {
  const MutableOctets octets{reply.octets};
  copy_octets(header_, octets);
  octets[0] = static_cast<std::uint8_t>((octets[0] & 0xC7U) | (unsigned{request.version} << 3U));
  octets[2] = static_cast<std::uint8_t>(request.poll.exponent());
  // What a basic request has in these fields is no receive stamp of ours.
  const bool may_interleave = request.receive != request.transmit;
  const std::uint64_t hash = limiter_.hash_of(query.from.address);
  reply.client = static_cast<std::uint32_t>(hash >> 32U);
  if (may_interleave && memory_.knows(request.origin, reply.client)) audience_.note(hash, now);
  const auto left = may_interleave ? memory_.take(request.origin, reply.client) : std::nullopt;
  const NtpTimestamp origin = left ? request.receive : request.transmit;
  write_big_endian(octets, kOriginOffset, origin.bits());
  write_big_endian(octets, kReceiveOffset, receive_stamp(query.received).bits());
  if (left) write_big_endian(octets, kTransmitOffset, as_transmit_stamp(to_ntp(*left)).bits());
  reply.is_interleaved = left.has_value();
  reply.timeline = timeline_;
  const bool has_mac = !reply.is_signed && !request.mac.empty();
  reply.mac_key = has_mac ? read_big_endian<std::uint32_t>(request.mac, 0) : 0;
  reply.length = reply.is_signed ? kAnnouncementPacketOctets : kHeaderOctets;
}

// No two replies in a row have one stamp, or a client could be told of another's departure.
NtpTimestamp Answers::receive_stamp(Timestamp<Announced> received) noexcept {
  NtpTimestamp stamp = as_receive_stamp(to_ntp(received));
  if (stamp == last_receive_) stamp = NtpTimestamp{stamp.bits() + 2};
  last_receive_ = stamp;
  return stamp;
}

// An origin that looks like a receive stamp of ours asks to be told, as does every listener.
bool Answers::wants_departure(const Request& request, std::uint32_t client,
                              Timestamp<Boot> now) noexcept {
  const bool looks_interleaved =
      (request.origin.bits() & 1U) != 0 && request.receive != request.transmit;
  const bool is_interleaved =
      looks_interleaved &&
      (memory_.knows(request.origin, client) || unknown_departures_.take(now, kUnknownDepartures));
  return is_interleaved || request.nonce || departures_.take(now, kDepartures);
}

bool Answers::stamp(Reply& reply, Timestamp<Announced> now, const Signer& signer) noexcept {
  if (reply.timeline != timeline_) return false;
  const MutableOctets octets{reply.octets};
  if (!reply.is_interleaved) {
    // Asking makes a reply later, so that what is learnt of those that ask holds for them alone.
    const Lateness& lateness = reply.is_signed ? signed_lateness_ : lateness_;
    const Duration ahead = reply.token != 0 ? lateness.median() : Duration{};
    const NtpTimestamp leaves = as_transmit_stamp(to_ntp(now + ahead));
    write_big_endian(octets, kTransmitOffset, leaves.bits());
  }
  if (reply.is_signed) {
    Nonce nonce;
    copy_octets(octets.subspan(kSignatureOffset), nonce);
    if (!sign_packet(octets, kHeaderOctets, nonce, signer)) return false;
  }
  if (reply.mac_key != 0 && !add_mac(reply)) return false;
  if (reply.token != 0) {
    const NtpTimestamp receive{read_big_endian<std::uint64_t>(octets, kReceiveOffset)};
    pending(reply.token) = {reply.token, reply.is_signed, now, receive,
                            memory_.remember(receive, reply.client)};
  }
  return true;
}

// False if the key is gone since it was asked for.
bool Answers::add_mac(Reply& reply) const noexcept {
  const MutableOctets octets{reply.octets};
  const std::size_t mac =
      macs_.write(reply.mac_key, octets.first(kHeaderOctets), octets.subspan(kHeaderOctets));
  reply.length = kHeaderOctets + mac;
  return mac != 0;
}

bool Answers::on_transmitted(SendToken token, Timestamp<Announced> at) noexcept {
  Pending& reply = pending(token);
  if ((token & kReplyToken) == 0) return false;
  if (reply.token != token) return true;
  (reply.is_signed ? signed_lateness_ : lateness_).add(at - reply.written);
  memory_.left(reply.memory, reply.receive, at);
  reply.token = 0;
  return true;
}

void Answers::on_send_failed(SendToken token) noexcept {
  Pending& reply = pending(token);
  if (reply.token == token) reply.token = 0;
}

}  // namespace timecast
