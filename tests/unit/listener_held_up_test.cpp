// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include "listener/core/held_up.hpp"

namespace timecast {
namespace {

Timestamp<Raw> at(std::int64_t seconds) { return Timestamp<Raw>{Duration::seconds(seconds)}; }

}  // namespace

TEST_CASE("held up: a prompt exchange makes up for two that were held up") {
  HeldUp held_up;
  for (int i = 0; i < 5; ++i) held_up.count(100, 100, at(i));
  held_up.count_prompt(0);
  CHECK(held_up.count() == doctest::Approx(3));
  held_up.count_prompt(0);
  held_up.count_prompt(0);
  CHECK(held_up.count() == 0);
  held_up.count_prompt(0);
  CHECK(held_up.count() == 0);
}

TEST_CASE("held up: of hosts that every other exchange must wake, two are never counted") {
  HeldUp held_up;
  for (int i = 0; i < 100; ++i) {
    held_up.count(40, 4, at(i));
    CHECK(held_up.count() < 2);
    held_up.count_prompt(1);
  }
}

TEST_CASE("held up: since when is told by the first one after none") {
  HeldUp held_up;
  held_up.count(100, 100, at(1));
  held_up.count_prompt(0);
  held_up.count(100, 100, at(7));
  held_up.count(100, 100, at(9));
  CHECK(held_up.since() == at(7));
}

TEST_CASE(
    "held up: what each way takes longer is the mean, whatever prompt ones made of the count") {
  HeldUp held_up;
  for (int i = 0; i < 4; ++i) held_up.count(100, 20, at(i));
  held_up.count_prompt(6);
  for (int i = 0; i < 2; ++i) held_up.count(200, 20, at(i));
  CHECK(held_up.there() == doctest::Approx(150));
  CHECK(held_up.back() == doctest::Approx(20));
}

TEST_CASE("held up: the least that any took longer is one way, and prompt ones count") {
  HeldUp held_up;
  held_up.count(10, 10, at(0));
  held_up.count_prompt(0);
  held_up.count(300, 100, at(1));
  CHECK(held_up.least() == doctest::Approx(200));
  held_up.count(50, 250, at(2));
  held_up.count(100, 0, at(3));
  CHECK(held_up.least() == doctest::Approx(50));
  held_up.count_prompt(-30);
  CHECK(held_up.least() == doctest::Approx(15));
}

}  // namespace timecast
