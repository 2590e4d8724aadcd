// SPDX-License-Identifier: MIT
#include "listener/core/inquiry.hpp"

#include <algorithm>

#include "listener/core/admission.hpp"

namespace timecast {
namespace {

constexpr Duration kReplyTimeout = Duration::seconds(1);
// Within what announcers answer: a burst of 64, then one a second.
constexpr std::int32_t kQuickSpacingMs = 150;
constexpr std::int32_t kBriskSpacingMs = 1'500;
constexpr std::int32_t kRareSpacingMs = 32'000;
constexpr Duration kSoon = Duration::milliseconds(1'500);
constexpr std::int32_t kRetrySpacingMs = 750;
constexpr std::int32_t kMissedSpreadMs = 4'000;
constexpr std::int64_t kMillisecond = 1'000'000;
constexpr std::int32_t kUsualSpreadMs = 1'000;
constexpr std::uint64_t kOneSecond = std::uint64_t{1} << 32U;  // of an NTP timestamp
// Packets get lost; an announcer that cannot answer is asked ever more rarely.
constexpr unsigned kPatience = 3;    // queries in a row
constexpr unsigned kMaxBackOff = 6;  // doublings of the spacing after these: 48 s

NtpTimestamp random_stamp(const Entropy& entropy) noexcept {
  const std::uint64_t random = entropy.word();
  return NtpTimestamp{random == 0 ? 1 : random};
}

// Whether a reply is the key's answer to the challenge. If it is, takes over where the chain is.
Reject unproven(const Packet& packet, const PublicKey& key, const Nonce& nonce,
                const Verifier& verifier, Inquiry::Reply& reply) noexcept {
  const auto announcement = find_announcement(packet);
  if (!announcement) return announcement.error();
  if (announcement->key != key) return Reject::unknown_key;
  if (!verify_packet(packet.octets, *announcement, nonce, verifier)) return Reject::bad_signature;
  reply.chain = announcement->chain;
  reply.sequence = announcement->sequence;
  return kNotRejected;
}

}  // namespace

void Inquiry::begin(Timestamp<Boot> now, Duration spread, const Entropy& entropy) noexcept {
  const std::int32_t before_ms = spread_ms_;
  spread_ms_ =
      std::max<std::int32_t>(static_cast<std::int32_t>(spread.count_ns() / kMillisecond), 1);
  if (begun_ && urgent_ && unanswered_ == 0 && !outstanding_ && spread_ms_ != before_ms) {
    next_ = now + Duration::nanoseconds((next_ - now).count_ns() / before_ms * spread_ms_);
  }
  start(now, spread_ms_, entropy);
}

void Inquiry::begin_soon(Timestamp<Boot> now, const Entropy& entropy) noexcept {
  start(now, slack_ms() + 1, entropy);
}

void Inquiry::begin_missed(Timestamp<Boot> now, const Entropy& entropy) noexcept {
  start(now, std::max(spread_ms_, kMissedSpreadMs), entropy);
}

std::int32_t Inquiry::slack_ms() const noexcept {
  return std::max<std::int32_t>(spread_ms_ - kUsualSpreadMs, 0) / 2;
}

void Inquiry::start(Timestamp<Boot> now, std::int32_t span_ms, const Entropy& entropy) noexcept {
  if (begun_ && (urgent_ || outstanding_ || next_ - now < kSoon)) return;
  begun_ = true;
  urgent_ = true;
  schedule(entropy, now, 0, span_ms);
}

void Inquiry::schedule(const Entropy& entropy, Timestamp<Boot> now, std::int32_t least_ms,
                       std::int32_t span_ms) noexcept {
  const auto least = Duration::nanoseconds(least_ms * kMillisecond);
  next_ = now + entropy.between(least, least + Duration::nanoseconds(span_ms * kMillisecond));
}

std::optional<Timestamp<Boot>> Inquiry::next_deadline() const noexcept {
  return begun_ ? std::optional{next_} : std::nullopt;
}

bool Inquiry::answers() const noexcept { return unanswered_ < kPatience; }

bool Inquiry::query_due(Timestamp<Boot> now) const noexcept {
  return begun_ && !outstanding_ && now >= next_;
}

std::size_t Inquiry::write_query(Buffer& buffer, const Moment& now, QueryToken token,
                                 bool challenge, const Entropy& entropy) noexcept {
  transmit_ = random_stamp(entropy);
  receive_ = replied_.is_unknown() ? NtpTimestamp{} : random_stamp(entropy);
  Header request = minimal_request(transmit_);
  request.origin = replied_;
  request.receive = receive_;
  copy_octets(encode(request), buffer);
  outstanding_ = true;
  challenged_ = challenge;
  token_ = token;
  sent_ = now;
  next_ = now.boot + kReplyTimeout;
  if (!challenge) return kHeaderOctets;
  entropy(nonce_);
  write_challenge(buffer, kHeaderOctets, nonce_);
  return kAnnouncementPacketOctets;
}

void Inquiry::on_sent(QueryToken token, const Moment& at) noexcept {
  if (outstanding_ && token == token_) sent_ = at;
}

Reject Inquiry::examine(const Packet& packet, const PublicKey& key, const Verifier& verifier,
                        Reply& reply) const noexcept {
  if (!outstanding_) return Reject::unsolicited;
  const Header& header = packet.header;
  reply.interleaved = !receive_.is_unknown() && header.origin == receive_;
  if (!reply.interleaved && header.origin != transmit_) return Reject::origin_mismatch;
  if (challenged_) {
    const Reject reason = unproven(packet, key, nonce_, verifier, reply);
    if (reason != kNotRejected) return reason;
  }
  if (header.stratum == kStratumUnspecified) {
    // An unsynchronised server says so with leap 3 and no code; a kiss has a code.
    return all_zero(header.reference_id) ? Reject::unsynchronised : Reject::kiss_of_death;
  }
  if (header.transmit.is_unknown() || header.receive.is_unknown()) return Reject::zero_transmit;
  // An interleaved reply does not say when it left itself: within a second of the request.
  return unfit_clock(header, reply.interleaved ? NtpTimestamp{header.receive.bits() + kOneSecond}
                                               : header.transmit);
}

void Inquiry::answered(const Header& reply, Timestamp<Boot> now, Eagerness eagerness, bool in_pairs,
                       const Entropy& entropy) noexcept {
  outstanding_ = false;
  replied_ = reply.receive;
  unanswered_ = 0;
  urgent_ = false;
  std::int32_t spacing_ms = kRareSpacingMs;
  if (eagerness != Eagerness::rare) {
    spacing_ms = slack_ms() + (eagerness == Eagerness::quick ? kQuickSpacingMs : kBriskSpacingMs);
    spacing_ms = std::min(spacing_ms, kRareSpacingMs);
  }
  follows_ = in_pairs && !follows_;
  if (follows_) {
    next_ = now;
  } else {
    schedule(entropy, now, spacing_ms, spacing_ms);
  }
}

void Inquiry::expire(Timestamp<Boot> now, const Entropy& entropy) noexcept {
  if (!outstanding_ || now < next_) return;
  outstanding_ = false;
  follows_ = false;
  replied_ = NtpTimestamp{};
  if (unanswered_ < kPatience + kMaxBackOff) ++unanswered_;
  std::int32_t spacing_ms = kRetrySpacingMs;
  for (unsigned i = kPatience; i < unanswered_; ++i) spacing_ms += spacing_ms;
  spacing_ms += std::min(slack_ms(), kRareSpacingMs);
  schedule(entropy, now, spacing_ms, spacing_ms);
}

}  // namespace timecast
