// SPDX-License-Identifier: MIT
#include "common/host/budget.hpp"

#include <doctest/doctest.h>

namespace timecast::test {
namespace {

constexpr Duration kPeriod = Duration::seconds(10);

Timestamp<Boot> second(std::int64_t n) { return Timestamp<Boot>{Duration::seconds(n)}; }

}  // namespace

TEST_CASE("budget: so many at once, then one each period") {
  Budget budget;
  int taken = 0;
  for (int i = 0; i < 10; ++i) taken += budget.take(second(100), 4, kPeriod) ? 1 : 0;
  CHECK(taken == 4);
  CHECK_FALSE(budget.take(second(109), 4, kPeriod));
  CHECK(budget.take(second(110), 4, kPeriod));
  CHECK_FALSE(budget.take(second(119), 4, kPeriod));
}

TEST_CASE("budget: it is whole again after a rest") {
  Budget budget;
  for (int i = 0; i < 4; ++i) CHECK(budget.take(second(100), 4, kPeriod));
  for (int i = 0; i < 4; ++i) CHECK(budget.take(second(140), 4, kPeriod));
  CHECK_FALSE(budget.take(second(140), 4, kPeriod));
}

TEST_CASE("budget: one at once is one each period") {
  Budget budget;
  CHECK(budget.take(second(1), 1, kPeriod));
  CHECK_FALSE(budget.take(second(10), 1, kPeriod));
  CHECK(budget.take(second(11), 1, kPeriod));
}

}  // namespace timecast::test
