// SPDX-License-Identifier: MIT
#include "announcer/daemon/held_stamps.hpp"

#include <doctest/doctest.h>

using namespace timecast;

namespace {

TransmitStamp kernel_stamp(std::uint32_t token, bool better_may_come) {
  TransmitStamp stamp;
  stamp.token = token;
  stamp.better_may_come = better_may_come;
  return stamp;
}

TransmitStamp hardware_stamp(std::uint32_t token) {
  TransmitStamp stamp;
  stamp.token = token;
  stamp.source = StampSource::hardware;
  return stamp;
}

}  // namespace

TEST_CASE("held stamps: where no card stamps, the kernel's goes on at once") {
  HeldStamps held;
  const auto stamp = held.on_stamp(kernel_stamp(7, false));
  REQUIRE(stamp);
  CHECK(stamp->token == 7);
  CHECK(held.take_all().empty());
}

TEST_CASE("held stamps: the card's takes the place of the kernel's") {
  HeldStamps held;
  CHECK_FALSE(held.on_stamp(kernel_stamp(7, true)));
  CHECK_FALSE(held.on_stamp(kernel_stamp(8, true)));
  const auto stamp = held.on_stamp(hardware_stamp(7));
  REQUIRE(stamp);
  CHECK(stamp->token == 7);
  CHECK(stamp->source == StampSource::hardware);
  const auto rest = held.take_all();
  REQUIRE(rest.size() == 1);
  CHECK(rest[0].token == 8);
}

TEST_CASE("held stamps: a stamp whose better one does not come is handed over once") {
  HeldStamps held;
  CHECK_FALSE(held.on_stamp(kernel_stamp(7, true)));
  const auto taken = held.take_all();
  REQUIRE(taken.size() == 1);
  CHECK(taken[0].token == 7);
  CHECK(taken[0].source == StampSource::kernel);
  CHECK(held.take_all().empty());
}
