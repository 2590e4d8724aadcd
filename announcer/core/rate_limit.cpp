// SPDX-License-Identifier: MIT
#include "announcer/core/rate_limit.hpp"

#include <timecast/wire/octets.hpp>

namespace timecast {
namespace {

constexpr std::uint64_t kLeak = 4;  // one in so many of those over the rate is answered

// SplitMix64's finaliser: every bit of the input moves every bit of the output.
std::uint64_t mix(std::uint64_t x) noexcept {
  x = (x ^ (x >> 30U)) * 0xBF58'476D'1CE4'E5B9U;
  x = (x ^ (x >> 27U)) * 0x94D0'49BB'1331'11EBU;
  return x ^ (x >> 31U);
}

}  // namespace

RateLimiter::RateLimiter(const RateLimit& limit, const Entropy& entropy) noexcept
    : limit_{limit}, entropy_{entropy}, key_{entropy.word(), entropy.word()} {}

void RateLimiter::set_limit(const RateLimit& limit) noexcept {
  limit_ = limit;
  for (Set& set : sets_) set = {};
}

std::uint64_t RateLimiter::hash_of(const Address& client) const noexcept {
  const std::uint64_t high = read_big_endian<std::uint64_t>(client.octets, 0);
  const std::uint64_t low = read_big_endian<std::uint64_t>(client.octets, 8);
  return mix(mix(high ^ key_[0]) ^ low ^ key_[1]);
}

RateLimiter::Client& RateLimiter::find_or_replace(const Address& client,
                                                  Timestamp<Boot> now) noexcept {
  Set& set = sets_[hash_of(client) % kSets];
  Client* oldest = set.data();
  for (Client& entry : set) {
    if (entry.address == client) return entry;
    if (entry.seen < oldest->seen) oldest = &entry;
  }
  *oldest = {client, now, TokenBucket{now}};  // full: a new client may burst
  return *oldest;
}

bool RateLimiter::admit(const Address& address, Timestamp<Boot> now) noexcept {
  if (!limit_.enabled) return true;
  Client& client = find_or_replace(address, now);
  client.seen = now;
  return client.bucket.take(now, {limit_.spacing, limit_.burst}) || entropy_.word() % kLeak == 0;
}

// An Ed25519 signature takes 30 us on a server and ten times that on a small board.
std::optional<Timestamp<Boot>> RateLimiter::admit_signature(Timestamp<Boot> now) noexcept {
  return signatures_.take_in_advance(now, kSignatures, kWaitingSignatures);
}

}  // namespace timecast
