// SPDX-License-Identifier: MIT
#include "tests/simulation/host_clock.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <ostream>

namespace timecast::sim {
namespace {

Duration ns(std::int64_t n) { return Duration::nanoseconds(n); }
Duration us(std::int64_t n) { return Duration::microseconds(n); }
Duration ms(std::int64_t n) { return Duration::milliseconds(n); }
Duration s(std::int64_t n) { return Duration::seconds(n); }

}  // namespace

TEST_CASE("sim: a frequency moves CLOCK_REALTIME alone, from then on") {
  HostClock clock{{.rate_ppm = 20}, 1};
  clock.set_frequency(FrequencyPpb{-20'000}, s(10));
  CHECK(std::abs(clock.error_ns(s(10)) - 200'000) < 1e-6);
  // What is left is the product of both: 0.4 ns in each second.
  CHECK(std::abs(clock.error_ns(s(110)) - (200'000 - 40)) < 1e-3);
  CHECK(std::abs(clock.oscillator_error_ns(s(110)) - 2'200'000) < 1e-6);
  CHECK(std::abs(clock.rate(s(110))) < 1e-9);
}

TEST_CASE("sim: a slew is spread evenly and ends by itself") {
  HostClock clock{{}, 1};
  clock.slew(us(30), s(3), s(10));
  CHECK(clock.error_ns(s(11)) == doctest::Approx(10'000));
  CHECK(clock.rate(s(11)) == doctest::Approx(10e-6));
  CHECK(clock.error_ns(s(13)) == doctest::Approx(30'000));
  CHECK(clock.error_ns(s(99)) == doctest::Approx(30'000));
  CHECK(clock.rate(s(99)) == 0);
}

TEST_CASE("sim: a new slew and a step drop what is left of the old one, a jump does not") {
  struct Row {
    void (*act)(HostClock&);
    double later_ns;
  };
  const Row rows[] = {
      {[](HostClock& c) { c.slew(us(-5), s(1), s(11)); }, 5'000},
      {[](HostClock& c) { c.step(ms(1), s(11)); }, 1'010'000},
      {[](HostClock& c) { c.jump(ms(1)); }, 1'030'000},
      {[](HostClock& c) { c.set_frequency(FrequencyPpb{0}, s(11)); }, 30'000},
  };
  for (const Row& row : rows) {
    HostClock clock{{}, 1};
    clock.slew(us(30), s(3), s(10));
    row.act(clock);
    CHECK(clock.error_ns(s(99)) == doctest::Approx(row.later_ns));
  }
}

TEST_CASE("sim: twelve hours of corrections leave no rounding behind") {
  HostClock clock{{.offset = ms(300), .rate_ppm = 20}, 1};
  double expected_ns = 300e6;
  for (int second = 0; second < 43'200; ++second) {
    const TrueTime t = s(second) + us(7);
    clock.set_frequency(FrequencyPpb{(second % 7) * 1'000.0}, t);
    clock.slew(ns(second % 11 - 5), s(1), t);
    // The slew has just ended when the next one comes: 20 ppm of a second earlier.
    expected_ns += (second % 11 - 5) + 1e9 * 20e-6 + (1e9 + 20'000) * (second % 7) * 1e-6;
  }
  const double first_us = 7'000 * 20e-6;  // before the first correction
  CHECK(std::abs(clock.error_ns(s(43'200) + us(7)) - expected_ns - first_us) < 1);
}

TEST_CASE("sim: the rate walks as far as its model says, and temperature swings it") {
  double sum = 0;
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    const HostClock clock{{.wander = 1e-9}, seed};
    sum += std::pow(clock.oscillator_rate(s(3'600)), 2);
  }
  CHECK(std::sqrt(sum / 300) == doctest::Approx(60e-9).epsilon(0.15));

  const HostClock warm{{.temperature_ppm = 0.5}, 1};
  CHECK(warm.oscillator_rate(s(900)) == doctest::Approx(0.5e-6).epsilon(0.01));
  CHECK(warm.oscillator_rate(s(2'700)) == doctest::Approx(-0.5e-6).epsilon(0.01));
  CHECK(std::abs(warm.oscillator_error_ns(s(3'600))) < 1e-3);
}

TEST_CASE("sim: a clock may be read at any time, and the same seed walks the same way") {
  const HostClock a{{.rate_ppm = 1, .wander = 1e-8}, 5};
  const HostClock b{{.rate_ppm = 1, .wander = 1e-8}, 5};
  const double late = a.error_ns(s(1'000));
  CHECK(b.error_ns(s(10)) == a.error_ns(s(10)));
  CHECK(b.error_ns(s(1'000)) == late);
}

}  // namespace timecast::sim
