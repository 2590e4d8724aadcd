// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include "announcer/core/lateness.hpp"

namespace timecast {
namespace {

Duration us(std::int64_t n) { return Duration::microseconds(n); }

}  // namespace

TEST_CASE("lateness: nothing is written ahead until something was seen") {
  CHECK(Lateness{}.median() == Duration{});
}

TEST_CASE("lateness: the median of the recent fifteen, whatever their order") {
  Lateness lateness;
  for (const std::int64_t seen : {90, 10, 50}) lateness.add(us(seen));
  CHECK(lateness.median() == us(50));
  for (int i = 0; i < 12; ++i) lateness.add(us(60));
  CHECK(lateness.median() == us(60));
  for (int i = 0; i < 7; ++i) lateness.add(us(5));
  CHECK(lateness.median() == us(60));  // 8 of 15
  lateness.add(us(5));
  CHECK(lateness.median() == us(5));
}

TEST_CASE("lateness: a few stalls do not move it") {
  Lateness lateness;
  for (int i = 0; i < 15; ++i) lateness.add(i % 3 == 0 ? us(15'000) : us(40));
  CHECK(lateness.median() == us(40));
}

TEST_CASE("lateness: what a step or a stall made is not lateness") {
  struct Row {
    Duration seen;
    bool counts;
  };
  const Row rows[] = {
      {-Duration::nanoseconds(1), false},
      {Duration{}, true},
      {us(20'000), true},
      {us(20'000) + Duration::nanoseconds(1), false},
      {Duration::max(), false},
      {Duration::min(), false},
      {Duration::seconds(3'600), false},
  };
  for (const Row& row : rows) {
    CAPTURE(row.seen.count_ns());
    Lateness lateness;
    lateness.add(us(40));
    lateness.add(row.seen);
    lateness.add(row.seen);
    CHECK(lateness.median() == (row.counts ? row.seen : us(40)));
  }
}

}  // namespace timecast
