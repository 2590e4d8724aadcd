// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include "listener/core/held_up.hpp"

namespace timecast {

TEST_CASE("held up: a prompt exchange makes up for two that were held up") {
  HeldUp held_up;
  for (int i = 0; i < 5; ++i) held_up.count(100, 100);
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
    held_up.count(40, 4);
    CHECK(held_up.count() < 2);
    held_up.count_prompt(1);
  }
}

TEST_CASE("held up: what a way takes longer is the mean, whatever prompt ones made of the count") {
  HeldUp held_up;
  for (int i = 0; i < 4; ++i) held_up.count(100, 20);
  held_up.count_prompt(6);
  for (int i = 0; i < 2; ++i) held_up.count(200, 20);
  CHECK(held_up.there() == doctest::Approx(150));
  CHECK(held_up.back() == doctest::Approx(20));
}

TEST_CASE("held up: the least that any took longer is one way, and prompt ones count") {
  HeldUp held_up;
  held_up.count(10, 10);
  held_up.count_prompt(0);
  held_up.count(300, 100);
  CHECK(held_up.least() == doctest::Approx(200));
  held_up.count(50, 250);
  held_up.count(100, 0);
  CHECK(held_up.least() == doctest::Approx(50));
  held_up.count_prompt(-30);
  CHECK(held_up.least() == doctest::Approx(15));
}

TEST_CASE("held up: the least of long ago is not that of a network that came after") {
  HeldUp held_up;
  held_up.count(10, 10);
  for (int i = 0; i < 8; ++i) held_up.count(500, 500);
  CHECK(held_up.least() < 100);
  for (int i = 0; i < 12; ++i) held_up.count(500, 500);
  CHECK(held_up.least() == doctest::Approx(500));
}

}  // namespace timecast
