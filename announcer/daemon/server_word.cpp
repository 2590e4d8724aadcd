// SPDX-License-Identifier: MIT
#include "announcer/daemon/server_word.hpp"

#include <algorithm>

#include <timecast/time/frequency.hpp>
#include <timecast/wire/octets.hpp>

namespace timecast {

namespace {

constexpr FrequencyPpb kPhi{15'000};
constexpr std::uint8_t kOldestVersion = 3;
constexpr std::uint8_t kLeastUnsynchronised = kMaxStratum + 1;
// RFC 5905's step threshold: who serves a clock that is further away does not keep this one.
constexpr Duration kMostApart = Duration::milliseconds(128);
// Stamps are rounded, and shaken below the clock's precision.
constexpr Duration kStampNoise = Duration::milliseconds(1);
constexpr Duration kMostRootDistance = Duration::seconds(16);  // MAXDISP

bool is_answer(const Header& h, const LocalExchange& exchange) noexcept {
  return h.mode == Mode::server && h.version >= kOldestVersion && h.version <= kNtpVersion &&
         h.origin == exchange.nonce;
}

bool is_consistent(const Header& h) noexcept {
  if (h.receive.is_unknown() || h.transmit.is_unknown() || h.reference.is_unknown()) return false;
  if (difference(h.transmit, h.receive) < -kStampNoise) return false;
  if (difference(h.transmit, h.reference) < -kStampNoise) return false;
  return h.root_delay.to_duration() / 2 + h.root_dispersion.to_duration() < kMostRootDistance;
}

NtpTimestamp ntp_from(Timestamp<Realtime> t) noexcept {
  return to_ntp(Timestamp<Announced>{t.since_epoch()});
}

}  // namespace

const char* in_words(Disbelief reason) noexcept {
  switch (reason) {
    case Disbelief::not_an_answer: return "what came is no answer";
    case Disbelief::kiss: return "it asks not to be asked";
    case Disbelief::contradictory: return "its answer contradicts itself";
    case Disbelief::another_clock: return "it serves another clock than this host's";
  }
  return "unnamed";
}

Expected<ServerWord, Disbelief> read_local_answer(Octets octets, const LocalExchange& exchange) {
  const auto packet = decode(octets);
  if (!packet || !is_answer(packet->header, exchange)) return because(Disbelief::not_an_answer);
  const Header& h = packet->header;
  ServerWord word;
  word.at = exchange.received_boot;
  const bool has_code = h.stratum == kStratumUnspecified && !all_zero(h.reference_id);
  if (has_code) return because(Disbelief::kiss);
  if (h.leap == Leap::unsynchronised || h.stratum == kStratumUnspecified ||
      h.stratum >= kLeastUnsynchronised) {
    return word;
  }
  if (!is_consistent(h)) return because(Disbelief::contradictory);
  // Each way must take some time. How far both clocks are apart is known to half of what it took.
  const Duration there = difference(h.receive, ntp_from(exchange.sent));
  const Duration back = difference(ntp_from(exchange.received), h.transmit);
  word.apart = std::max(magnitude(there), magnitude(back));
  if (magnitude(there - back) / 2 > kMostApart) return because(Disbelief::another_clock);
  word.synchronised = true;
  word.leap = h.leap;
  word.stratum = h.stratum;
  word.reference_id = h.reference_id;
  word.root_delay = h.root_delay.to_duration();
  word.root_dispersion = h.root_dispersion.to_duration() + word.apart;
  word.reference_stamp = h.reference;
  word.reference = exchange.received - std::max(difference(h.transmit, h.reference), Duration{});
  return word;
}

std::optional<ServerWord> KeptWord::at(Timestamp<Boot> now) const noexcept {
  if (!word_) return std::nullopt;
  const Duration age = now - word_->at;
  if (age > kAskEvery * 3) return std::nullopt;
  if (!distrusted_.is_unknown() && word_->reference_stamp == distrusted_) return std::nullopt;
  ServerWord word = *word_;
  word.root_dispersion += kPhi.over(std::max(age, Duration{}));
  return word;
}

}  // namespace timecast
