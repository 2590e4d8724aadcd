// SPDX-License-Identifier: MIT
//
// Who is answered, and what a reply says.
//
// In two steps, so that a host can read many requests at once and send many replies at once:
// answer() decides and writes everything but the transmit stamp; stamp() writes that, and signs,
// right before the reply leaves. What does not depend on the request stands ready in a template.
//
// Errors:  a Reject for what is not answered.
// Builds:  freestanding.
// Source:  RFC 5905 section 9.2 (fast transmit); RFC 9769 section 2 (interleaved).
#pragma once

#include <array>
#include <optional>

#include "announcer/core/access.hpp"
#include "announcer/core/audience.hpp"
#include "announcer/core/config.hpp"
#include "announcer/core/lateness.hpp"
#include "announcer/core/rate_limit.hpp"
#include "announcer/core/reply.hpp"
#include "announcer/core/reply_memory.hpp"
#include "announcer/core/stream.hpp"

namespace timecast {

using SendToken = std::uint32_t;

struct Query {
  Octets octets;
  Timestamp<Announced> received;  // when the request reached this host
  Endpoint from;
  Endpoint to;      // the address and port that was asked
  StreamId stream;  // the precise stream of that interface and family; kNoStream if none
};

// For stamp() to finish. Not zeroed: a reply is written whole.
struct Reply {
  std::array<std::uint8_t, kAnnouncementPacketOctets> octets;
  std::size_t length = kHeaderOctets;
  SendToken token = 0;          // its departure is wanted; 0: nobody asks
  bool is_signed = false;       // until it is, the nonce stands where the signature will
  bool is_interleaved = false;  // tells when the one before left
  std::uint32_t mac_key = 0;    // whose MAC it gets when it is stamped; 0: none
  std::uint32_t client = 0;     // a name of its address
  std::uint32_t timeline = 0;   // of the announced clock: a step begins another
  Timestamp<Boot> not_before;   // it waits until then; the past if not

  [[nodiscard]] Octets packet() const noexcept { return Octets{octets}.first(length); }
};

class Answers {
 public:
  explicit Answers(const AnnouncerConfig& config) noexcept
      : macs_{config.macs}, limiter_{config.rate_limit, config.entropy} {}

  void set_access(const AccessList& access) noexcept { access_ = access; }
  void set_limit(const RateLimit& limit) noexcept { limiter_.set_limit(limit); }
  void set_macs(const MacKeys& macs) noexcept { macs_ = macs; }
  [[nodiscard]] Audience& audience() noexcept { return audience_; }
  // What every reply says of the clock from now on.
  void set_header(Header header) noexcept;
  // The announced clock was stepped: what was noted by it is worth nothing.
  void begin_timeline() noexcept;

  // Why it is not answered; nothing if `reply` is written, but for stamp() and a signed one's
  // announcement.
  [[nodiscard]] std::optional<Reject> answer(const Query& query, const Request& request,
                                             const AnnouncedMoment& now, Reply& reply) noexcept;
  // False if it must not leave: the signer refuses, or the clock was stepped since.
  [[nodiscard]] bool stamp(Reply& reply, Timestamp<Announced> now, const Signer& signer) noexcept;

  // Whether the token is a reply's.
  bool on_transmitted(SendToken token, Timestamp<Announced> at) noexcept;
  void on_send_failed(SendToken token) noexcept;

 private:
  [[nodiscard]] std::optional<Reject> refused(const Query& query, const Request& request,
                                              const AnnouncedMoment& now) noexcept;
  [[nodiscard]] bool wants_departure(const Request& request, std::uint32_t client,
                                     Timestamp<Boot> now) noexcept;
  void write(const Query& query, const Request& request, Timestamp<Boot> now,
             Reply& reply) noexcept;
  [[nodiscard]] bool add_mac(Reply& reply) const noexcept;
  [[nodiscard]] NtpTimestamp receive_stamp(Timestamp<Announced> received) noexcept;

  AccessList access_;
  MacKeys macs_;
  Audience audience_;
  RateLimiter limiter_;
  HeaderOctets header_{};
  std::uint32_t timeline_ = 0;
  NtpTimestamp last_receive_;
  TokenBucket departures_;               // that are asked for only to know how late replies leave
  TokenBucket unknown_departures_;       // of those who look interleaved and are not known
  Lateness lateness_, signed_lateness_;  // of replies whose departure is wanted
  // Replies whose transmit stamps are under way, by token: a stamp comes within a millisecond, or
  // never.
  struct Pending {
    SendToken token = 0;
    bool is_signed = false;
    Timestamp<Announced> written;
    NtpTimestamp receive;
    std::size_t memory = 0;  // where it is remembered
  };
  static constexpr std::size_t kPending = 64;
  [[nodiscard]] Pending& pending(SendToken token) noexcept { return pending_[token % kPending]; }
  std::array<Pending, kPending> pending_{};
  SendToken last_token_ = 0;
  ReplyMemory memory_;
};

}  // namespace timecast
