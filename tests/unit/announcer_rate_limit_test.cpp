// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <memory>

#include "announcer/core/rate_limit.hpp"
#include "tests/simulation/random.hpp"

namespace timecast {
namespace {

constexpr Address kClient = Address::ipv4(192, 0, 2, 9);

Timestamp<Boot> at_ms(std::int64_t ms) { return Timestamp<Boot>{Duration::milliseconds(ms)}; }

Address numbered(std::uint32_t n) {
  Address address{Family::ipv6, {0xFD}};
  write_big_endian(address.octets, 12, n);
  return address;
}

// Never lets anything over the rate through, so that what is counted is the bucket alone.
Entropy no_leak() {
  return {[](void*, MutableOctets out) noexcept {
            for (auto& octet : out) octet = 1;
          },
          nullptr};
}

int admitted(RateLimiter& limiter, const Address& client, Timestamp<Boot> now, int requests) {
  int count = 0;
  for (int i = 0; i < requests; ++i) count += limiter.admit(client, now) ? 1 : 0;
  return count;
}

}  // namespace

TEST_CASE("rate limit: a burst of 64 at once, then one a second") {
  RateLimiter limiter{{}, no_leak()};
  CHECK(admitted(limiter, kClient, at_ms(1'000), 100) == 64);
  CHECK(admitted(limiter, kClient, at_ms(1'999), 100) == 0);
  CHECK(admitted(limiter, kClient, at_ms(2'000), 100) == 1);
  CHECK(admitted(limiter, kClient, at_ms(12'000), 100) == 10);
}

TEST_CASE("rate limit: the bucket refills up to the burst and no further") {
  RateLimiter limiter{{}, no_leak()};
  CHECK(admitted(limiter, kClient, at_ms(1'000), 64) == 64);
  CHECK(admitted(limiter, kClient, at_ms(3'600'000), 100) == 64);
}

TEST_CASE("rate limit: one request a second is never refused") {
  RateLimiter limiter{{}, no_leak()};
  int count = 0;
  for (int i = 0; i < 1'000; ++i)
    count += limiter.admit(kClient, at_ms(std::int64_t{i} * 1'000)) ? 1 : 0;
  CHECK(count == 1'000);
}

TEST_CASE("rate limit: under another limit everybody begins anew") {
  RateLimiter limiter{{true, Duration::seconds(1000), 64}, no_leak()};
  CHECK(admitted(limiter, kClient, at_ms(1'000), 100) == 64);
  limiter.set_limit({true, Duration::milliseconds(1), 8});
  CHECK(admitted(limiter, kClient, at_ms(1'000), 100) == 8);
  limiter.set_limit({false, Duration::seconds(1), 8});
  CHECK(admitted(limiter, kClient, at_ms(1'000), 100) == 100);
}

TEST_CASE("rate limit: the settings are obeyed") {
  RateLimit limit;
  limit.spacing = Duration::milliseconds(100);
  limit.burst = 3;
  RateLimiter limiter{limit, no_leak()};
  CHECK(admitted(limiter, kClient, at_ms(0), 50) == 3);
  CHECK(admitted(limiter, kClient, at_ms(1'000), 50) == 3);
  limit.enabled = false;
  RateLimiter off{limit, no_leak()};
  CHECK(admitted(off, kClient, at_ms(0), 10'000) == 10'000);
}

TEST_CASE("rate limit: of what is over the rate a random quarter gets through") {
  sim::Random random{5};
  RateLimiter limiter{{}, random.entropy()};
  CHECK(admitted(limiter, kClient, at_ms(0), 64) == 64);
  const int leaked = admitted(limiter, kClient, at_ms(0), 40'000);
  CHECK(leaked > 9'700);  // 3.5 standard deviations
  CHECK(leaked < 10'300);
}

TEST_CASE("rate limit: whose address others forge still gets at least a quarter of its answers") {
  sim::Random random{6};
  RateLimiter limiter{{}, random.entropy()};
  int answered = 0;
  for (int poll = 0; poll < 4'000; ++poll) {  // one true request a second among a hundred
    static_cast<void>(admitted(limiter, kClient, at_ms(std::int64_t{poll} * 1'000), 100));
    answered += limiter.admit(kClient, at_ms(std::int64_t{poll} * 1'000 + 500)) ? 1 : 0;
  }
  CHECK(answered >= 900);
}

TEST_CASE("rate limit: every address has its own bucket, to the last bit") {
  RateLimiter limiter{{}, no_leak()};
  CHECK(admitted(limiter, numbered(1), at_ms(0), 100) == 64);
  CHECK(admitted(limiter, numbered(2), at_ms(0), 100) == 64);
  CHECK(admitted(limiter, numbered(1), at_ms(0), 100) == 0);
  Address same_octets = numbered(1);
  same_octets.family = Family::ipv4;
  CHECK(admitted(limiter, same_octets, at_ms(0), 100) == 64);
}

TEST_CASE("rate limit: a flood of addresses evicts those not seen for longest") {
  const auto limiter = std::make_unique<RateLimiter>(RateLimit{}, no_leak());
  CHECK(admitted(*limiter, kClient, at_ms(0), 64) == 64);
  // The client asks on between any two of the flood's requests: it is always the last seen.
  int answered = 0;
  for (std::uint32_t i = 0; i < 20'000; ++i) {
    const Timestamp<Boot> now = at_ms(1) + Duration::nanoseconds(10 * std::int64_t{i});
    static_cast<void>(limiter->admit(numbered(i), now));
    answered += limiter->admit(kClient, now + Duration::nanoseconds(5)) ? 1 : 0;
  }
  CHECK(answered == 0);  // never forgotten, so its bucket stays empty

  // Once it is silent, the flood takes its place; forgotten means a full bucket.
  for (std::uint32_t i = 0; i < 20'000; ++i) {
    static_cast<void>(
        limiter->admit(numbered(i), at_ms(2) + Duration::nanoseconds(10 * std::int64_t{i})));
  }
  CHECK(admitted(*limiter, kClient, at_ms(3), 100) == 64);
}

TEST_CASE("rate limit: it takes no more memory than it says") {
  CHECK(sizeof(RateLimiter) <= 81 * 1024);
}

}  // namespace timecast
