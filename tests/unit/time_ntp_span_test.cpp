// SPDX-License-Identifier: MIT
#include <cmath>
#include <cstdint>
#include <initializer_list>
#include <random>

#include <doctest/doctest.h>
#include <timecast/time/ntp_time.hpp>

namespace timecast {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

std::uint32_t short_bits(std::int64_t ns) {
  return NtpShort::at_least(Duration::nanoseconds(ns)).bits();
}

TEST_CASE("a short span is rounded up when it is written, and saturates") {
  struct Row {
    std::int64_t ns;
    std::uint32_t bits;
  };
  constexpr Row kRows[] = {
      {0, 0x0000'0000U},
      {1, 0x0000'0001U},
      {1'000, 0x0000'0001U},
      {15'258, 0x0000'0001U},
      {15'259, 0x0000'0002U},
      {5'000'000, 0x0000'0148U},
      {40'000'000, 0x0000'0A3EU},
      {kSecond - 1, 0x0001'0000U},  // the fraction carries
      {kSecond, 0x0001'0000U},
      {16 * kSecond, 0x0010'0000U},
      {65'535 * kSecond, 0xFFFF'0000U},
      {65'536 * kSecond - 15'259, 0xFFFF'FFFFU},
      {65'536 * kSecond - 1, 0xFFFF'FFFFU},
      {65'536 * kSecond, 0xFFFF'FFFFU},
      {65'537 * kSecond, 0xFFFF'FFFFU},
      {-1, 0},
      {-kSecond, 0},
  };
  for (const Row& row : kRows) {
    CAPTURE(row.ns);
    CHECK(short_bits(row.ns) == row.bits);
  }
  CHECK(NtpShort::at_least(Duration::max()).bits() == 0xFFFF'FFFFU);
  CHECK(NtpShort::at_least(Duration::min()).bits() == 0);
}

TEST_CASE("a short span is rounded up when it is read") {
  CHECK(NtpShort{}.to_duration() == Duration{});
  CHECK(NtpShort{0x0000'0001U}.to_duration() == Duration::nanoseconds(15'259));
  CHECK(NtpShort{0x0000'0148U}.to_duration() == Duration::nanoseconds(5'004'883));
  CHECK(NtpShort{0x0000'0A3DU}.to_duration() == Duration::nanoseconds(39'993'287));
  CHECK(NtpShort{0x0000'8000U}.to_duration() == Duration::milliseconds(500));
  CHECK(NtpShort{0x0010'0000U}.to_duration() == Duration::seconds(16));
  CHECK(NtpShort{0xFFFF'FFFFU}.to_duration() == Duration::nanoseconds(65'535'999'984'742));
}

TEST_CASE("a bound never shrinks on its way over the wire and grows by two units at most") {
  std::mt19937_64 random{3};
  const Duration unit = NtpShort{1}.to_duration();
  for (int i = 0; i < 20'000; ++i) {
    const auto ns = static_cast<std::int64_t>(random() % (65'535ULL * kSecond));
    const Duration span = Duration::nanoseconds(ns);
    const Duration once = NtpShort::at_least(span).to_duration();
    REQUIRE(once >= span);
    REQUIRE(once - span <= unit);
    const Duration twice = NtpShort::at_least(once).to_duration();  // read, kept, sent on
    REQUIRE(twice >= once);
    REQUIRE(twice - span <= unit * 2);
  }
}

TEST_CASE("a power of two in seconds is a span, rounded up below a nanosecond's multiple") {
  struct Row {
    int exponent;
    std::int64_t ns;
  };
  constexpr Row kRows[] = {
      {0, kSecond},
      {1, 2 * kSecond},
      {3, 8 * kSecond},
      {17, 131'072 * kSecond},
      {32, 4'294'967'296 * kSecond},
      {33, 4'294'967'296 * kSecond},  // beyond the limits: the nearer limit
      {127, 4'294'967'296 * kSecond},
      {-1, kSecond / 2},
      {-9, 1'953'125},
      {-10, 976'563},
      {-20, 954},
      {-24, 60},
      {-29, 2},
      {-30, 1},
      {-32, 1},
      {-33, 1},
      {-128, 1},
  };
  for (const Row& row : kRows) {
    CAPTURE(row.exponent);
    const Log2Seconds power{static_cast<std::int8_t>(row.exponent)};
    CHECK(power.to_duration().count_ns() == row.ns);
    CHECK(power.exponent() == row.exponent);
  }
}

// 2^exponent s in nanoseconds, exactly.
double ns_of(int exponent) { return std::ldexp(1e9, exponent); }

// Spans of all sizes from 1 ns to what a double holds exactly, 104 days.
std::int64_t random_ns(std::mt19937_64& random) {
  const std::uint64_t range = std::uint64_t{1} << (random() % 54);
  return static_cast<std::int64_t>(1 + (random() % range));
}

TEST_CASE("an exponent at most a span is the greatest that is not longer") {
  std::mt19937_64 random{4};
  for (int i = 0; i < 20'000; ++i) {
    const std::int64_t ns = random_ns(random);
    CAPTURE(ns);
    const int exponent = Log2Seconds::at_most(Duration::nanoseconds(ns)).exponent();
    REQUIRE(ns_of(exponent) <= static_cast<double>(ns));
    REQUIRE(ns_of(exponent + 1) > static_cast<double>(ns));
  }
}

TEST_CASE("an exponent not below a span is the smallest that is not shorter") {
  std::mt19937_64 random{5};
  for (int i = 0; i < 20'000; ++i) {
    const std::int64_t ns = random_ns(random);
    CAPTURE(ns);
    const int exponent = Log2Seconds::not_below(Duration::nanoseconds(ns)).exponent();
    REQUIRE(ns_of(exponent) >= static_cast<double>(ns));
    REQUIRE(ns_of(exponent - 1) < static_cast<double>(ns));
  }
}

TEST_CASE("a span between two powers of two has one below and one above") {
  struct Row {
    std::int64_t ns;
    int at_most;
    int not_below;
  };
  constexpr Row kRows[] = {
      {kSecond, 0, 0},      {kSecond + 1, 0, 1}, {kSecond - 1, -1, 0}, {8 * kSecond, 3, 3},
      {17 * kSecond, 4, 5}, {1'953'125, -9, -9}, {976'562, -11, -10},  // 2^-10 s is 976562.5 ns
      {976'563, -10, -9},   {953, -21, -20},                           // 2^-20 s is 953.67 ns
      {954, -20, -19},      {60, -24, -23},                            // 2^-24 s is 59.6 ns
      {59, -25, -24},       {2, -29, -28},       {1, -30, -29},
  };
  for (const Row& row : kRows) {
    CAPTURE(row.ns);
    const Duration span = Duration::nanoseconds(row.ns);
    CHECK(Log2Seconds::at_most(span).exponent() == row.at_most);
    CHECK(Log2Seconds::not_below(span).exponent() == row.not_below);
  }
}

TEST_CASE("spans outside the range of exponents give the nearer limit") {
  for (const Duration none : {Duration{}, -Duration::seconds(1), Duration::min()}) {
    CHECK(Log2Seconds::at_most(none).exponent() == -32);
    CHECK(Log2Seconds::not_below(none).exponent() == -32);
  }
  CHECK(Log2Seconds::at_most(Duration::max()).exponent() == 32);
  CHECK(Log2Seconds::not_below(Duration::max()).exponent() == 32);
}

}  // namespace
}  // namespace timecast
