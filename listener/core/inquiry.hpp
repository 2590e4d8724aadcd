// SPDX-License-Identifier: MIT
//
// Asks one announcer for unicast exchanges: when, with what packet, and which replies answer it.
//
// One query is out at a time. It reveals nothing of this host: its fields are zero or random, and
// where signatures count it carries a challenge whose nonce the reply must sign.
//
// A basic reply tells when its server meant to send it; the next reply, if it is interleaved, when
// it truly left. A query asks for that by the receive stamp of the reply before, once: when it is
// not answered the next one is basic again.
//
// The first packet after a pause goes through hosts that slept, the answer through hosts that are
// awake: half of what that takes would pass for time. So queries come in pairs; the second one's
// two ways are alike.
//
// A reply that fails a check leaves the query outstanding, so that forged replies cannot drown the
// true one (CVE-2016-9042, CVE-2016-4955).
//
// Builds:  freestanding.
// Source:  RFC 9109 (random ports: the host's part); RFC 9769 section 2; docs/protocol.md.
#pragma once

#include <array>
#include <optional>

#include <timecast/listener/events.hpp>
#include <timecast/wire/announcement.hpp>
#include <timecast/wire/entropy.hpp>

#include "listener/core/estimator.hpp"

namespace timecast {

class Inquiry {
 public:
  using Buffer = std::array<std::uint8_t, kAnnouncementPacketOctets>;

  // Something must be learnt, or learnt anew: schedules a query at random within `spread`, unless
  // one is due soon anyway or the last one so scheduled was not answered. One that waits already
  // comes as much sooner or later as the spread has changed. What is hurried later is slower where
  // the spread is wide.
  void begin(Timestamp<Boot> now, Duration spread, const Entropy& entropy) noexcept;
  // The same at once, or within what a wide spread allows.
  void begin_soon(Timestamp<Boot> now, const Entropy& entropy) noexcept;
  // An announcement was missed, which a whole network may have at once.
  void begin_missed(Timestamp<Boot> now, const Entropy& entropy) noexcept;
  // The reply before was of another timeline: the next query shall not ask about it.
  void forget_reply() noexcept { replied_ = NtpTimestamp{}; }

  // When to call write_query() or expire(); nothing before begin().
  [[nodiscard]] std::optional<Timestamp<Boot>> next_deadline() const noexcept;
  [[nodiscard]] bool query_due(Timestamp<Boot> now) const noexcept;

  // Writes a query and waits for its reply. Returns its length.
  std::size_t write_query(Buffer& buffer, const Moment& now, QueryToken token, bool challenge,
                          const Entropy& entropy) noexcept;
  void on_sent(QueryToken token, const Moment& at) noexcept;

  struct Reply {
    bool interleaved = false;    // its transmit time is the true one of the reply before
    std::uint16_t chain = 0;     // of a challenge's reply: where the announcer is with
    std::uint64_t sequence = 0;  // this chain; zero if it is unknown
  };
  // Whether it answers the outstanding query. `key` must have signed it if it was challenged.
  [[nodiscard]] Reject examine(const Packet& packet, const PublicKey& key, const Verifier& verifier,
                               Reply& reply) const noexcept;
  // Whether the latest queries were answered: more than one was lost, if not.
  [[nodiscard]] bool answers() const noexcept;
  // When the outstanding query left.
  [[nodiscard]] const Moment& sent() const noexcept { return sent_; }
  // The outstanding query has been answered. `in_pairs`: whoever answers may be asked again at
  // once.
  void answered(const Header& reply, Timestamp<Boot> now, Eagerness eagerness, bool in_pairs,
                const Entropy& entropy) noexcept;
  // Gives an unanswered query up when its time is over.
  void expire(Timestamp<Boot> now, const Entropy& entropy) noexcept;

 private:
  // Spans here are short, and whole milliseconds take much less code than a Duration.
  void start(Timestamp<Boot> now, std::int32_t span_ms, const Entropy& entropy) noexcept;
  // At random in so long a span from `least_ms` after now on.
  void schedule(const Entropy& entropy, Timestamp<Boot> now, std::int32_t least_ms,
                std::int32_t span_ms) noexcept;
  // By how much what is hurried is slower, because the spread is wide.
  [[nodiscard]] std::int32_t slack_ms() const noexcept;

  bool begun_ = false;
  bool outstanding_ = false;
  bool challenged_ = false;
  bool urgent_ = false;          // begun, and not answered since
  bool follows_ = false;         // the next query comes on the heels of an answer
  std::uint8_t unanswered_ = 0;  // in a row
  QueryToken token_ = 0;
  std::int32_t spread_ms_ = 0;
  Timestamp<Boot> next_;  // query due, or the outstanding one given up
  Moment sent_;
  NtpTimestamp transmit_;  // random: what a basic reply must have as origin
  NtpTimestamp receive_;   // random: what an interleaved one must have; unknown if none was asked
  NtpTimestamp replied_;   // receive stamp of the reply before; unknown if there is none
  Nonce nonce_{};
};

}  // namespace timecast
