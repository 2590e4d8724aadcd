// SPDX-License-Identifier: MIT
#include <timecast/time/token_bucket.hpp>

#include <doctest/doctest.h>

namespace timecast {
namespace {

constexpr Pace kPace{Duration::milliseconds(10), 3};

constexpr Duration kPeriod = Duration::seconds(10);

Timestamp<Boot> at_s(std::int64_t s) { return Timestamp<Boot>{Duration::seconds(s)}; }
Timestamp<Boot> at_ms(std::int64_t ms) { return Timestamp<Boot>{Duration::milliseconds(ms)}; }

int taken(TokenBucket& bucket, Timestamp<Boot> now, int tries) {
  int count = 0;
  for (int i = 0; i < tries; ++i) count += bucket.take(now, kPace) ? 1 : 0;
  return count;
}

}  // namespace

TEST_CASE("token bucket: a burst at once, then one in each spacing, never more than the burst") {
  TokenBucket bucket{at_ms(1'000)};
  CHECK(taken(bucket, at_ms(1'000), 10) == 3);
  CHECK(taken(bucket, at_ms(1'009), 10) == 0);
  CHECK(taken(bucket, at_ms(1'010), 10) == 1);
  CHECK(taken(bucket, at_ms(1'030), 10) == 2);
  CHECK(taken(bucket, at_ms(9'000), 10) == 3);
}

TEST_CASE("token bucket: what is taken in advance may be used one spacing after the other") {
  TokenBucket bucket;
  for (int i = 0; i < 3; ++i) CHECK(bucket.take_in_advance(at_ms(500), kPace, 2) == at_ms(500));
  CHECK(bucket.take_in_advance(at_ms(500), kPace, 2) == at_ms(510));
  CHECK(bucket.take_in_advance(at_ms(500), kPace, 2) == at_ms(520));
  CHECK_FALSE(bucket.take_in_advance(at_ms(500), kPace, 2));
  CHECK(bucket.take_in_advance(at_ms(510), kPace, 2) == at_ms(530));
  CHECK_FALSE(bucket.take(at_ms(519), kPace));
}

TEST_CASE("token bucket: so many at once, then one each period") {
  TokenBucket bucket;
  int taken = 0;
  for (int i = 0; i < 10; ++i) taken += bucket.take(at_s(100), {kPeriod, 4}) ? 1 : 0;
  CHECK(taken == 4);
  CHECK_FALSE(bucket.take(at_s(109), {kPeriod, 4}));
  CHECK(bucket.take(at_s(110), {kPeriod, 4}));
  CHECK_FALSE(bucket.take(at_s(119), {kPeriod, 4}));
}

TEST_CASE("token bucket: it is whole again after a rest") {
  TokenBucket bucket;
  for (int i = 0; i < 4; ++i) CHECK(bucket.take(at_s(100), {kPeriod, 4}));
  for (int i = 0; i < 4; ++i) CHECK(bucket.take(at_s(140), {kPeriod, 4}));
  CHECK_FALSE(bucket.take(at_s(140), {kPeriod, 4}));
}

TEST_CASE("token bucket: one at once is one each period") {
  TokenBucket bucket;
  CHECK(bucket.take(at_s(1), {kPeriod, 1}));
  CHECK_FALSE(bucket.take(at_s(10), {kPeriod, 1}));
  CHECK(bucket.take(at_s(11), {kPeriod, 1}));
}

}  // namespace timecast
