// SPDX-License-Identifier: MIT
//
// What an NTP server on this host (chronyd, ntpd) says of this host's clock: it knows more than the
// kernel does, whose clock it sets.
//
// Units:   spans as of the answer; at() has them grown since.
// Errors:  an answer that is not believed says why.
// Threads: any; pure values.
// Source:  RFC 5905 sections 7.3 and 11.2.3 (PHI, the growth of dispersion).
#pragma once

#include <optional>
#include <string_view>

#include <timecast/wire/header.hpp>
#include <timecast/wire/packet.hpp>

namespace timecast {

struct ServerWord {
  bool synchronised = false;
  Leap leap = Leap::unsynchronised;
  std::uint8_t stratum = 0;
  ReferenceId reference_id{};
  Duration root_delay;
  Duration root_dispersion;  // `apart` included
  // How far this host's clock may be from the one that it serves: what it has yet to correct, and
  // half of the time that its answer took.
  Duration apart;
  NtpTimestamp reference_stamp;
  Timestamp<Realtime> reference;  // when it last corrected the clock
  Timestamp<Boot> at;             // when it said so
};

// A question and its answer, by this host's CLOCK_REALTIME.
struct LocalExchange {
  NtpTimestamp nonce;  // the transmit field of the request
  Timestamp<Realtime> sent;
  Timestamp<Realtime> received;
  Timestamp<Boot> received_boot;
};

enum class Disbelief : std::uint8_t {
  not_an_answer,  // to this question; the true one may still come
  kiss,           // it asks to be left alone
  contradictory,  // its own fields do not fit each other
  another_clock,  // it serves another clock than this host's
};
[[nodiscard]] const char* in_words(Disbelief reason) noexcept;

[[nodiscard]] Expected<ServerWord, Disbelief> read_local_answer(Octets octets,
                                                                const LocalExchange& exchange);

// The last word, while it holds: for three intervals, and until this host's clock was set by
// somebody else, of which the server knows nothing before it has corrected the clock again.
class KeptWord {
 public:
  void take(const ServerWord& word) noexcept { word_ = word; }
  void forget() noexcept { word_.reset(); }
  void distrust() noexcept {
    if (word_) distrusted_ = word_->reference_stamp;
  }
  // With the dispersion grown since.
  [[nodiscard]] std::optional<ServerWord> at(Timestamp<Boot> now) const noexcept;

 private:
  std::optional<ServerWord> word_;
  NtpTimestamp distrusted_;
};

// How often it is asked: a server's rate limits allow it by default (chrony: `ratelimit interval
// 3`, ntpd: `discard average 3`), and a lost upstream is known that soon. What must be known at
// once, a clock that was set, the kernel tells.
inline constexpr Duration kAskEvery = Duration::seconds(8);

}  // namespace timecast
