// SPDX-License-Identifier: MIT
//
// One chain of an announcer as heard on one interface: what was admitted of it so far, and what has
// been learnt from that.
//
// Builds:  freestanding; at most kMaxSourceOctets, checked below.
#pragma once

#include <algorithm>
#include <array>
#include <optional>

#include <timecast/wire/announcement.hpp>
#include <timecast/wire/endpoint.hpp>

#include "listener/core/estimator.hpp"
#include "listener/core/inquiry.hpp"
#include "listener/core/pairing.hpp"

namespace timecast {

// CLOCK_MONOTONIC_RAW stands still in suspend, CLOCK_BOOTTIME does not. Apart from that they differ
// by what a clock may be steered.
constexpr Duration kSuspendJump = Duration::milliseconds(20);
constexpr FrequencyPpb kMaxSteering{600'000};
// No path of a LAN takes longer, one way, power saving stations included.
constexpr Duration kMaxDelay = Duration::seconds(1);
// This many announcements on one timeline count as agreeing.
constexpr std::uint32_t kAgreeingPackets = 3;

// How long this host slept between two moments.
inline Duration slept_between(const Moment& a, const Moment& b) noexcept {
  const Duration awake = b.raw - a.raw;
  const Duration slept = magnitude((b.boot - a.boot) - awake);
  return slept > kSuspendJump + kMaxSteering.over(awake) ? slept : Duration{};
}

// No chain on the wire is that high.
inline constexpr std::uint32_t kPlainChain = 0x1'0000;

// Sequences, transmit times and pairs are kept by this, so that a packet recorded on one interface
// means nothing on another. Not by the family: each has a chain of its own, and nothing in a packet
// says which, so in the other one it is a copy. A plain stream, which has no key, is named by its
// sender's address and its destination.
struct SourceId {
  PublicKey key{};
  std::uint32_t chain = 0;
  std::uint32_t interface = 0;
  [[nodiscard]] bool is_plain() const noexcept { return chain == kPlainChain; }
  friend bool operator==(const SourceId&, const SourceId&) noexcept = default;
};

// A later timeline that contradicts the present one: followed only when it has lasted.
struct Candidate {
  Duration ahead;  // announced minus raw
  std::uint8_t agreeing = 0;
};

struct Exchange {
  Timestamp<Raw> sent;
  Duration forward;  // theirs minus ours, of the request
  Timestamp<Raw> received;
  Duration back;         // theirs minus ours, of the reply
  Duration uncertainty;  // of the stamps together: they are late
  Duration deviation;    // of the stamp of the reply's departure, if it was written before that
};

// An exchange whose reply has come, but not yet the word of when that reply truly left.
struct OpenExchange {
  bool open = false;
  bool counted = false;  // with the departure that its reply claimed
  Exchange exchange;
  NtpTimestamp received;  // the server's stamp of the request
};

struct Source {
  // The small ones first: what lies far from the beginning takes more instructions to reach.
  bool in_use = false;
  bool missed = false;         // it fell silent, and is asked since then whether it is still there
  bool refuted = false;        // by an answer: what it announces is old; none has agreed since
  bool is_island = false;      // by its word: its clock is a reference that nobody vouches for
  std::uint32_t agreeing = 0;  // announcements on the present timeline
  SourceId id;
  Endpoint address;
  std::uint64_t sequence = 0;  // of a plain stream: its transmit time
  Timestamp<Announced> transmit;
  Timestamp<Boot> opened;
  Moment arrival;  // of the last announcement on the timeline
  Moment noticed;  // up to when this host's sleep since then is counted
  Duration slept;  // likewise
  Header header;   // of that announcement
  Duration interval;
  Candidate candidate;
  Pairing pairing;
  OpenExchange last_exchange;
  Inquiry inquiry;
  Estimator estimator;

  // Whether it has ever answered on this path, with its key where keys count. Anybody can announce.
  [[nodiscard]] bool proven() const noexcept { return estimator.exchanges() > 0; }
  // Whether it has since the present timeline began. Anybody on the way can hold packets back.
  [[nodiscard]] bool confirmed() const noexcept { return estimator.confirmed(); }
  [[nodiscard]] bool silent(Timestamp<Boot> now) const noexcept { return now > silent_from(); }
  [[nodiscard]] TIMECAST_SHARED_WHEN_SMALL Timestamp<Boot> silent_from() const noexcept {
    return arrival.boot + interval + interval + interval;
  }
  void arrived(const Moment& now) noexcept {
    arrival = noticed = now;
    slept = {};
  }
  // How long this host has slept since the last arrival. Over a long silence a clock's steering
  // looks like a short sleep: so it is counted on the way.
  [[nodiscard]] Duration slept_by(const Moment& now) const noexcept {
    return slept + slept_between(noticed, now);
  }
  void count_sleep(const Moment& now) noexcept {
    slept = slept_by(now);
    noticed = now;
  }
  // Its announcements do not arrive, and it answers: the network lets unicast through alone.
  [[nodiscard]] bool answers_in_silence() const noexcept {
    return last_exchange.open && inquiry.answers() &&
           (last_exchange.exchange.sent - arrival.raw) / 3 > interval;
  }
  // Of announcements that do not say it truly: chrony names a power of two, others whatever they
  // like. A pause must not be taken for it, nor two packets at once.
  [[nodiscard]] Duration learnt_interval(Timestamp<Boot> now) const noexcept {
    const Duration passed = longer(now - arrival.boot, Duration::seconds(1));
    return agreeing == 1 ? passed : shorter(passed, interval + interval);
  }
  // A fresh signed word where the chain is: replays of what lies far behind are over, and an
  // announcer whose disk was restored is heard again. What is on its way now still counts.
  void hear_of(std::uint64_t announced) noexcept {
    constexpr std::uint64_t kOnTheirWay = 8;
    const std::uint64_t apart = announced - sequence + kOnTheirWay;  // modulo 2^64
    if (announced != 0 && apart > 2 * kOnTheirWay) sequence = announced;
  }
  // What its clock is worth, by a reply, where no announcement says so any more. Not the times:
  // they are paired with the announcement's.
  void hear_of_clock(const Header& reply) noexcept {
    header.leap = reply.leap;
    header.stratum = reply.stratum;
    header.root_delay = reply.root_delay;
    header.root_dispersion = reply.root_dispersion;
  }
  // A stamp of this announcer minus the time of ours. It lies near the last announcement.
  [[nodiscard]] Duration ahead_of(Timestamp<Raw> ours, NtpTimestamp stamp) const noexcept {
    return offset_between(transmit + difference(stamp, header.transmit), ours);
  }
  // How far ahead of our raw clock an announcement that arrives now should be. (The last one may
  // have been late.) REQUIRES: agreeing > 0.
  [[nodiscard]] Duration expected(Timestamp<Raw> now) const noexcept {
    return estimator.ahead_at(now) - estimator.delay();
  }
  // The delay of announcements and that of the exchange's request, by the estimate. Much too long
  // if the announcements are replayed ones.
  [[nodiscard]] Duration both_delays(const Exchange& exchange) const noexcept {
    return estimator.count() == 0 ? Duration{} : exchange.forward - expected(exchange.sent);
  }
  // What a request that has just been answered says of the timeline that contradicts the present
  // one: it is refuted if the estimate lies where nothing arrives before it was sent. The reply's
  // own departure is not needed, so the answer may be of any kind. REQUIRES: count() > 0.
  void defend_timeline(Timestamp<Raw> sent, NtpTimestamp theirs, Timestamp<Raw> answered) noexcept {
    const Estimate estimate = estimator.at(sent);
    const bool lies_between = ahead_of(answered, theirs) - estimate.error <= estimate.ahead &&
                              estimate.ahead <= ahead_of(sent, theirs) + estimate.error;
    if (lies_between) candidate = {};
  }
  // Learns from an exchange, unless another timeline is about to replace the present one. Returns
  // whether it counts.
  [[nodiscard]] bool learn(const Exchange& exchange) noexcept {
    if (estimator.count() == 0 || candidate.agreeing > 0) return false;
    return estimator.add_exchange(
        {exchange.sent, exchange.forward, exchange.uncertainty, Duration{}},
        {exchange.received, exchange.back, exchange.uncertainty, exchange.deviation});
  }
  // Its announcements are held back, or replayed: what they said may have been confirmed once, and
  // is no longer.
  void refute() noexcept {
    refuted = true;
    if (confirmed()) restart_timeline();
  }
  // The announced clock has jumped, or ours has: all that was learnt of it is void. The delay of
  // the network is not.
  void restart_timeline(Duration slept_since = {}) noexcept {
    agreeing = 0;
    candidate = {};
    last_exchange = {};
    inquiry.forget_reply();
    pairing.restart();
    estimator.forget_offset(slept_since);
  }
};

#ifndef TIMECAST_MAX_ANNOUNCERS
#define TIMECAST_MAX_ANNOUNCERS 12
#endif
inline constexpr std::size_t kMaxSources = TIMECAST_MAX_ANNOUNCERS;
inline constexpr std::size_t kMaxSourceOctets = 1'536;
using Sources = std::array<Source, kMaxSources>;

TIMECAST_SHARED_WHEN_SMALL inline const Source* find_source(const Sources& sources,
                                                            const SourceId& id) noexcept {
  for (const Source& source : sources) {
    if (source.in_use && source.id == id) return &source;
  }
  return nullptr;
}

}  // namespace timecast
