// SPDX-License-Identifier: MIT
#include "common/host/packet_stamp.hpp"

#include <doctest/doctest.h>

using namespace timecast;

namespace {

constexpr Duration us(std::int64_t n) { return Duration::microseconds(n); }
constexpr Timestamp<Realtime> kNow{Duration::seconds(1'793'491'200)};
constexpr Timestamp<Hardware> kCardNow{Duration::seconds(500)};

HardwareClock known_clock() {
  HardwareClock clock;
  for (const std::int64_t ago : {2, 1, 0}) {
    const Duration back = Duration::seconds(ago);
    const ClockSandwich only[] = {{kNow - back - us(1), kCardNow - back, kNow - back + us(1)}};
    REQUIRE(clock.read(only, Duration{}) == HardwareClock::Reading::kept);
  }
  return clock;
}

}  // namespace

TEST_CASE(
    "packet stamp: the card's is believed if the kernel's came after it, or before a sending") {
  const HardwareClock clock = known_clock();
  struct Row {
    Direction direction;
    Duration kernel_later;
    bool believed;
  };
  const Row rows[] = {
      {Direction::received, us(0), true},       {Direction::received, us(40), true},
      {Direction::received, us(10'000), true},  {Direction::received, us(10'001), false},
      {Direction::received, us(-1), true},      {Direction::received, us(-2), false},
      {Direction::sent, us(0), true},           {Direction::sent, us(-40), true},
      {Direction::sent, us(-10'000), true},     {Direction::sent, us(-10'001), false},
      {Direction::sent, us(1), true},           {Direction::sent, us(2), false},
      {Direction::sent, Duration::max(), false}};
  for (const Row& row : rows) {
    CAPTURE(row.kernel_later.count_ns());
    const auto instant =
        believed(clock, kCardNow, kNow + row.kernel_later, row.direction, Duration{});
    CHECK(instant.has_value() == row.believed);
    if (instant) CHECK(instant->at == kNow);
  }
}

TEST_CASE("packet stamp: what the clock cannot convert is not believed") {
  CHECK_FALSE(believed(HardwareClock{}, kCardNow, kNow, Direction::received, Duration{}));
}

TEST_CASE("packet stamp: a datagram's number is known until its second stamp, or sixteen later") {
  SentStamps sent;
  for (std::uint32_t n = 0; n < 17; ++n) sent.add({n, 100 + n, kNow});
  CHECK_FALSE(sent.take(0));
  const auto first = sent.take(1);
  REQUIRE(first);
  CHECK(first->token == 101);
  CHECK_FALSE(sent.take(1));
  CHECK(sent.take(16)->token == 116);
  CHECK_FALSE(sent.take(17));
}
