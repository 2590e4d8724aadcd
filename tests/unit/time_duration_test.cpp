// SPDX-License-Identifier: MIT
#include <cmath>
#include <cstdint>
#include <initializer_list>
#include <limits>

#include <doctest/doctest.h>
#include <timecast/time/duration.hpp>

namespace timecast {
namespace {

constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();

std::int64_t ns_from_seconds(double seconds) { return Duration::from_seconds(seconds).count_ns(); }

TEST_CASE("a duration counts nanoseconds, whatever unit it was made from") {
  CHECK(Duration{}.count_ns() == 0);
  CHECK(Duration::nanoseconds(-7).count_ns() == -7);
  CHECK(Duration::microseconds(7).count_ns() == 7'000);
  CHECK(Duration::milliseconds(-7).count_ns() == -7'000'000);
  CHECK(Duration::seconds(7).count_ns() == 7'000'000'000);
}

TEST_CASE("a duration too long for nanoseconds is the longest there is, in its own direction") {
  CHECK(Duration::max().count_ns() == kMax);
  CHECK(Duration::min().count_ns() == kMin);
  for (const std::int64_t count : {kMax, kMax / 1'000 + 1, std::int64_t{1} << 62U}) {
    CAPTURE(count);
    CHECK(Duration::seconds(count) == Duration::max());
    CHECK(Duration::milliseconds(count) == Duration::max());
    CHECK(Duration::microseconds(count) == Duration::max());
    CHECK(Duration::seconds(-count) == Duration::min());
    CHECK(Duration::milliseconds(-count) == Duration::min());
    CHECK(Duration::microseconds(-count) == Duration::min());
  }
  CHECK(Duration::seconds(kMin) == Duration::min());
  CHECK(Duration::microseconds(kMax / 1'000).count_ns() == kMax / 1'000 * 1'000);
  CHECK(Duration::microseconds(kMin / 1'000).count_ns() == kMin / 1'000 * 1'000);
}

TEST_CASE("sums, differences and products saturate in every direction") {
  struct Row {
    std::int64_t a;
    std::int64_t b;
    std::int64_t sum;
    std::int64_t difference;
    std::int64_t product;
  };
  constexpr Row kRows[] = {
      {5, 3, 8, 2, 15},
      {-5, 3, -2, -8, -15},
      {0, 0, 0, 0, 0},
      {kMax, 0, kMax, kMax, 0},
      {kMin, 0, kMin, kMin, 0},
      {0, kMax, kMax, -kMax, 0},
      {0, kMin, kMin, kMax, 0},
      {kMax, 1, kMax, kMax - 1, kMax},
      {kMax, -1, kMax - 1, kMax, -kMax},
      {kMin, 1, kMin + 1, kMin, kMin},
      {kMin, -1, kMin, kMin + 1, kMax},
      {1, kMin, kMin + 1, kMax, kMin},
      {-1, kMin, kMin, kMax, kMax},
      {-1, kMax, kMax - 1, kMin, -kMax},
      {-2, kMax, kMax - 2, kMin, kMin},
      {kMax, kMax, kMax, 0, kMax},
      {kMin, kMin, kMin, 0, kMax},
      {kMax, kMin, -1, kMax, kMin},
      {kMin, kMax, -1, kMin, kMin},
  };
  for (const Row& row : kRows) {
    CAPTURE(row.a);
    CAPTURE(row.b);
    const Duration a = Duration::nanoseconds(row.a);
    const Duration b = Duration::nanoseconds(row.b);
    CHECK((a + b).count_ns() == row.sum);
    CHECK((a - b).count_ns() == row.difference);
    CHECK((a * row.b).count_ns() == row.product);
    Duration grown = a;
    CHECK((grown += b).count_ns() == row.sum);
    CHECK(grown.count_ns() == row.sum);
  }
}

TEST_CASE("the negative and the magnitude of the shortest duration are the longest") {
  CHECK(-Duration::min() == Duration::max());
  CHECK(magnitude(Duration::min()) == Duration::max());
  CHECK((-Duration::max()).count_ns() == -kMax);
  CHECK(magnitude(-Duration::max()) == Duration::max());
  CHECK(magnitude(Duration::nanoseconds(-3)) == Duration::nanoseconds(3));
  CHECK(magnitude(Duration::nanoseconds(3)) == Duration::nanoseconds(3));
}

TEST_CASE("division truncates towards zero") {
  CHECK((Duration::nanoseconds(7) / 2).count_ns() == 3);
  CHECK((Duration::nanoseconds(-7) / 2).count_ns() == -3);
  CHECK((Duration::min() / 1).count_ns() == kMin);
  CHECK((Duration::min() / 2).count_ns() == kMin / 2);
  CHECK((Duration::max() / kMax).count_ns() == 1);
}

TEST_CASE("durations are ordered by their length and sign") {
  CHECK(Duration::min() < Duration::nanoseconds(-1));
  CHECK(Duration::nanoseconds(-1) < Duration{});
  CHECK(Duration{} < Duration::nanoseconds(1));
  CHECK(Duration::nanoseconds(1) < Duration::max());
  CHECK(Duration::seconds(1) == Duration::milliseconds(1'000));
}

TEST_CASE("seconds become the nearest nanosecond") {
  CHECK(ns_from_seconds(0.0) == 0);
  CHECK(ns_from_seconds(-0.0) == 0);
  CHECK(ns_from_seconds(1.5) == 1'500'000'000);
  CHECK(ns_from_seconds(-1.5) == -1'500'000'000);
  CHECK(ns_from_seconds(0.4e-9) == 0);
  CHECK(ns_from_seconds(-0.4e-9) == 0);
  CHECK(ns_from_seconds(0.6e-9) == 1);
  CHECK(ns_from_seconds(-0.6e-9) == -1);
  // As a person would write them; their product with 1e9 lies a hair below the whole number.
  CHECK(ns_from_seconds(0.000000015) == 15);
  CHECK(ns_from_seconds(-0.000000015) == -15);
  CHECK(ns_from_seconds(0.000000063) == 63);
  CHECK(ns_from_seconds(2.135849005) == 2'135'849'005);
}

TEST_CASE("seconds beyond what nanoseconds hold saturate") {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  // 2^63 ns, and its neighbours among the numbers that a double can hold.
  const double limit = std::ldexp(1.0, 63) / 1e9;
  const double below = std::nextafter(limit, 0.0);
  CHECK(ns_from_seconds(limit) == kMax);
  CHECK(ns_from_seconds(std::nextafter(limit, kInfinity)) == kMax);
  CHECK(ns_from_seconds(-std::nextafter(limit, kInfinity)) == kMin);
  CHECK(ns_from_seconds(-limit) == kMin);
  CHECK(ns_from_seconds(below) <= kMax);
  CHECK(ns_from_seconds(below) > kMax - 4'096);
  CHECK(ns_from_seconds(-below) < kMin + 4'096);
  CHECK(ns_from_seconds(1e30) == kMax);
  CHECK(ns_from_seconds(-1e30) == kMin);
  CHECK(ns_from_seconds(kInfinity) == kMax);
  CHECK(ns_from_seconds(-kInfinity) == kMin);
  CHECK(ns_from_seconds(std::numeric_limits<double>::max()) == kMax);
  CHECK(ns_from_seconds(std::numeric_limits<double>::lowest()) == kMin);
}

TEST_CASE("the last number of seconds before saturation is not rounded up to the limit") {
  // 2^63 - 1024 ns: the greatest double that an int64 holds.
  const double greatest = 9'223'372'036.854774784;
  REQUIRE(greatest * 1e9 == std::ldexp(1.0, 63) - 1'024);
  CHECK(ns_from_seconds(greatest) == kMax - 1'023);
  CHECK(ns_from_seconds(-greatest) == kMin + 1'024);
}

TEST_CASE("what is not a number of seconds is no time at all") {
  CHECK(ns_from_seconds(std::numeric_limits<double>::quiet_NaN()) == 0);
  CHECK(ns_from_seconds(-std::numeric_limits<double>::quiet_NaN()) == 0);
}

TEST_CASE("nanoseconds survive the way through seconds for as long as a double can hold them") {
  for (const std::int64_t ns :
       {std::int64_t{0}, std::int64_t{1}, std::int64_t{-1}, std::int64_t{15},
        std::int64_t{999'999'999}, std::int64_t{86'400'000'000'001},
        std::int64_t{-86'400'000'000'001}, std::int64_t{1} << 51U}) {
    CAPTURE(ns);
    CHECK(ns_from_seconds(Duration::nanoseconds(ns).to_seconds()) == ns);
  }
}

TEST_CASE("durations are made and reckoned while compiling") {
  static_assert(Duration::seconds(1) + Duration::milliseconds(500) == Duration::from_seconds(1.5));
  static_assert(Duration::from_seconds(-1e30) == Duration::min());
  static_assert(-Duration::min() == Duration::max());
  static_assert(Duration::seconds(-3) * kMax == Duration::min());
}

}  // namespace
}  // namespace timecast
