// SPDX-License-Identifier: MIT
//
// Answers a client address no more often than a rate, with a burst; of what is over it, one in
// four still gets through at random, so that nobody who forges a client's address can have the
// client shut out (CVE-2015-7705).
//
// Fixed memory: when the table is full the least recently seen of a set of four goes. The place of
// an address depends on a random key, so that nobody can aim at a set.
//
// Builds:  freestanding; 80 KB.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include <timecast/time/timestamp.hpp>
#include <timecast/time/token_bucket.hpp>
#include <timecast/wire/endpoint.hpp>
#include <timecast/wire/entropy.hpp>

#include "announcer/core/config.hpp"

namespace timecast {

class RateLimiter {
 public:
  RateLimiter(const RateLimit& limit, const Entropy& entropy) noexcept;
  // Another limit from now on; every client may burst again.
  void set_limit(const RateLimit& limit) noexcept;
  // Whether this request is to be answered.
  [[nodiscard]] bool admit(const Address& client, Timestamp<Boot> now) noexcept;
  // From when on an admitted request may cost a signature; nothing if too many wait already. 1000 a
  // second, as many as ten thousand listeners need that boot at once, for all clients together,
  // whatever the limit and without a leak, so that neither they nor forged addresses delay
  // announcements.
  [[nodiscard]] std::optional<Timestamp<Boot>> admit_signature(Timestamp<Boot> now) noexcept;
  // Of an address, by a key that nobody knows: so nobody can aim at its place in a table.
  [[nodiscard]] std::uint64_t hash_of(const Address& client) const noexcept;

  static constexpr Pace kSignatures{Duration::milliseconds(1), 8};
  static constexpr std::uint32_t kWaitingSignatures = 128;

 private:
  struct Client {
    Address address;
    Timestamp<Boot> seen;
    TokenBucket bucket;
  };
  static constexpr std::size_t kWays = 4;
  static constexpr std::size_t kSets = 512;
  using Set = std::array<Client, kWays>;

  [[nodiscard]] Client& find_or_replace(const Address& client, Timestamp<Boot> now) noexcept;

  RateLimit limit_;
  Entropy entropy_;
  std::uint64_t key_[2];
  std::array<Set, kSets> sets_{};
  TokenBucket signatures_;
};

}  // namespace timecast
