// SPDX-License-Identifier: MIT
#include "announcer/core/reply_memory.hpp"

#include <doctest/doctest.h>

namespace timecast::test {
namespace {

constexpr std::uint32_t kClient = 7;

Timestamp<Announced> second(std::int64_t n) { return Timestamp<Announced>{Duration::seconds(n)}; }

void remember(ReplyMemory& memory, NtpTimestamp receive, Timestamp<Announced> left) {
  memory.left(memory.remember(receive, kClient), receive, left);
}

}  // namespace

TEST_CASE("reply memory: tells when a reply left, once") {
  ReplyMemory memory;
  remember(memory, NtpTimestamp{5}, second(7));
  CHECK(memory.take(NtpTimestamp{5}, kClient) == second(7));
  CHECK_FALSE(memory.take(NtpTimestamp{5}, kClient));
}

TEST_CASE("reply memory: knows nothing of a reply whose stamp never came") {
  ReplyMemory memory;
  static_cast<void>(memory.remember(NtpTimestamp{5}, kClient));
  CHECK_FALSE(memory.take(NtpTimestamp{5}, kClient));
}

TEST_CASE("reply memory: knows nothing of stamps it never gave, least of all of zero") {
  ReplyMemory memory;
  remember(memory, NtpTimestamp{5}, second(7));
  CHECK_FALSE(memory.take(NtpTimestamp{}, kClient));
  CHECK_FALSE(memory.take(NtpTimestamp{7}, kClient));
  CHECK(memory.take(NtpTimestamp{5}, kClient));
}

TEST_CASE("reply memory: tells a client nothing of a reply to another one") {
  ReplyMemory memory;
  remember(memory, NtpTimestamp{5}, second(7));
  CHECK_FALSE(memory.knows(NtpTimestamp{5}, kClient + 1));
  CHECK_FALSE(memory.take(NtpTimestamp{5}, kClient + 1));
  CHECK(memory.knows(NtpTimestamp{5}, kClient));
  CHECK(memory.take(NtpTimestamp{5}, kClient) == second(7));
}

TEST_CASE("reply memory: of two replies with one receive stamp it tells neither") {
  ReplyMemory memory;
  remember(memory, NtpTimestamp{5}, second(7));
  remember(memory, NtpTimestamp{5}, second(8));
  CHECK_FALSE(memory.take(NtpTimestamp{5}, kClient));
}

TEST_CASE("reply memory: a late stamp does not speak for the reply that took the place") {
  ReplyMemory memory;
  const std::size_t place = memory.remember(NtpTimestamp{5}, kClient);
  // Some later stamp falls into the same place.
  std::uint64_t other = 7;
  while (memory.remember(NtpTimestamp{other}, kClient) != place) other += 2;
  memory.left(place, NtpTimestamp{5}, second(1));
  CHECK_FALSE(memory.take(NtpTimestamp{5}, kClient));
  CHECK_FALSE(memory.take(NtpTimestamp{other}, kClient));
}

TEST_CASE("reply memory: remembers most of a thousand listeners that ask every 24 s") {
  ReplyMemory memory;
  const auto stamp_of = [](std::uint64_t client) {
    const Duration since_epoch = Duration::seconds(1'793'491'200) +
                                 Duration::nanoseconds(24'000'123) * static_cast<int>(client);
    return as_receive_stamp(to_ntp(Timestamp<Announced>{since_epoch}));
  };
  for (std::uint64_t client = 0; client < 1'000; ++client) {
    remember(memory, stamp_of(client), second(1));
  }
  int known = 0;
  for (std::uint64_t client = 0; client < 1'000; ++client) {
    if (memory.take(stamp_of(client), kClient)) ++known;
  }
  CHECK(known > 550);
}

TEST_CASE("reply memory: receive stamps are odd, transmit stamps even, neither ever unknown") {
  for (const std::uint64_t bits : {0ULL, 1ULL, 2ULL, 3ULL, ~0ULL, ~0ULL - 1}) {
    CAPTURE(bits);
    const NtpTimestamp receive = as_receive_stamp(NtpTimestamp{bits});
    const NtpTimestamp transmit = as_transmit_stamp(NtpTimestamp{bits});
    CHECK(receive.bits() % 2 == 1);
    CHECK(transmit.bits() % 2 == 0);
    CHECK_FALSE(transmit.is_unknown());
    CHECK(magnitude(difference(receive, NtpTimestamp{bits})) <= Duration::nanoseconds(1));
    CHECK(magnitude(difference(transmit, NtpTimestamp{bits})) <= Duration::nanoseconds(1));
  }
}

}  // namespace timecast::test
