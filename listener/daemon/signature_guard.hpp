// SPDX-License-Identifier: MIT
//
// Checks signatures for the listener's core, and no more of them than a flood may cost: fifty a
// second, of whatever packets.
//
// When these are used up, those alone that may be the next packet of the announcer that is
// followed: that come when it is due, by its interval, and say the time that is expected of it; and
// of these 32 an interval. When none was heard for long, it may come at any time. A flood that hits
// this window too can win. Then nothing is heard, and answers to challenges carry the time on: 16
// signatures are checked for each question that is out, whatever becomes of announcements.
//
// What is not checked is as good as bad, and counted here.
//
// Errors:  none.
// Threads: one. Whoever uses the verifier must not outlive this.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include <timecast/listener/status.hpp>
#include <timecast/time/token_bucket.hpp>
#include <timecast/wire/signature.hpp>

#include "listener/core/source.hpp"

namespace timecast {

class SignatureGuard {
 public:
  static constexpr int kChecksASecond = 50;
  static constexpr int kChecksAnInterval = 32;
  static constexpr int kChecksAQuestion = 16;

  explicit SignatureGuard(const Verifier& verifier) noexcept : verifier_{verifier} {}
  SignatureGuard(const SignatureGuard&) = delete;
  SignatureGuard& operator=(const SignatureGuard&) = delete;

  [[nodiscard]] Verifier verifier() noexcept;

  // A datagram comes: before the core gets it.
  void arriving(const Moment& at) noexcept;
  // What the core knows now. It expects packets of whom it follows, once it is synchronised.
  void expect(const ListenerStatus& status) noexcept;

  struct Passed {
    PublicKey key;
    bool answers = false;  // a challenge
  };
  // The signature of the last datagram, if it was checked and holds.
  [[nodiscard]] const std::optional<Passed>& passed() const noexcept { return passed_; }

  [[nodiscard]] std::uint64_t unchecked() const noexcept { return unchecked_; }

 private:
  struct Expected {
    PublicKey key;
    Duration ahead;  // transmit time minus CLOCK_REALTIME of the arrival
    Duration window;
    Duration interval;
  };

  [[nodiscard]] bool check(const PublicKey& key, const SignedMessage& message,
                           const Signature& signature) noexcept;
  [[nodiscard]] bool may_check(const PublicKey& key, const SignedMessage& message) noexcept;
  [[nodiscard]] bool answers_in_time(Octets nonce) noexcept;
  [[nodiscard]] bool tells_expected_time(const PublicKey& key, Octets packet) const noexcept;
  [[nodiscard]] bool is_expected(const PublicKey& key, Octets packet) const noexcept;
  [[nodiscard]] bool take_of_interval() noexcept;

  Verifier verifier_;
  Moment at_;
  TokenBucket any_;
  std::optional<Expected> expected_;
  Timestamp<Boot> heard_at_;          // who is expected, last
  std::int64_t interval_number_ = 0;  // since then
  int of_interval_ = 0;               // checks in it
  struct Question {
    Nonce nonce{};
    int checks = 0;
  };
  // As many as can be out: one of each source, and one about the floors.
  std::array<Question, kMaxSources + 1> questions_;
  std::size_t oldest_question_ = 0;
  std::optional<Passed> passed_;
  std::uint64_t unchecked_ = 0;
};

}  // namespace timecast
