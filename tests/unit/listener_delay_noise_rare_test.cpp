// SPDX-License-Identifier: MIT
//
// The few packets that take far longer than the others.
#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>

#include "listener/core/delay_noise.hpp"
#include "tests/simulation/random.hpp"

namespace timecast::test {
namespace {

struct Kind {
  double edge;
  double late;
  double share;  // of very late ones
  double very_late;
};

DelayNoise taught(const Kind& kind, int samples, std::uint64_t seed = 1) {
  sim::Random random{seed};
  DelayNoise noise{kind.late};
  for (int i = 0; i < samples; ++i) {
    const bool rare = random.uniform() < kind.share;
    const double late = rare ? kind.very_late : kind.late;
    const Innovation seen{kind.edge * random.normal() + late * random.exponential(), 1};
    noise.learn(seen, noise.respond(seen));
  }
  return noise;
}

// The logarithm of the density, as the noise has it.
double log_density(const DelayNoise& noise, const Innovation& seen) {
  return noise.respond(seen).log_p - std::log(noise.late());
}

struct Rare {
  double share;
  double mean;
};
// By what is said of two packets that can be nothing else.
Rare rare_of(const DelayNoise& noise) {
  const double near = 400 * noise.late() + 50 * noise.edge();
  const double at_near = log_density(noise, {near, 1});
  const double mean = 0.1 * near / (at_near - log_density(noise, {1.1 * near, 1}));
  return {mean * std::exp(at_near + near / mean), mean};
}

// The density of N(0, edge) + exponential(late).
double usual_density(double residual, double edge, double late) {
  const double skew = edge / late;
  const double below = std::erfc((skew - residual / edge) / std::sqrt(2.0)) / 2;
  return std::exp(skew * skew / 2 - residual / late) * below / late;
}

}  // namespace

TEST_CASE("delay noise: beyond three deviations the density is the mixture of both") {
  const DelayNoise noise = taught({1'000, 1'000, 0.08, 30'000}, 3'000);
  const Rare rare = rare_of(noise);
  REQUIRE(rare.share > 0.05);
  const double variance = 4e6;
  const double deviation = std::sqrt(variance + noise.edge() * noise.edge());
  for (const double distance : {3.01, 3.5, 4.0, 5.0, 7.0, 12.0}) {
    CAPTURE(distance);
    const double r = distance * deviation;
    const double usual = (1 - rare.share) * usual_density(r, deviation, noise.late());
    const double late = rare.share / rare.mean * std::exp(-r / rare.mean);
    const Response response = noise.respond({r, variance});
    CHECK(std::abs(log_density(noise, {r, variance}) - std::log(usual + late)) < 1e-3);
    CHECK(std::abs(response.usual - usual / (usual + late)) < 1e-3);
  }
}

TEST_CASE("delay noise: very late ones are learnt from a few of them") {
  for (const std::uint64_t seed : {1U, 2U, 3U}) {
    const Rare rare = rare_of(taught({10, 1'000, 0.08, 100'000}, 600, seed));
    CHECK(rare.share == doctest::Approx(0.08).epsilon(0.5));
    CHECK(rare.mean == doctest::Approx(100'000).epsilon(0.4));
  }
}

TEST_CASE("delay noise: no more than a tenth and no less than one of 10'000 is very late") {
  CHECK(rare_of(taught({10, 1'000, 0.3, 100'000}, 5'000)).share == doctest::Approx(0.1));
  CHECK(rare_of(taught({10, 1'000, 0, 0}, 20'000)).share == doctest::Approx(1e-4));
}

TEST_CASE("delay noise: what is less late than five times the usual is not very late") {
  for (const std::uint64_t seed : {1U, 2U, 3U}) {
    const DelayNoise noise = taught({10, 1'000, 0.1, 3'000}, 5'000, seed);
    CHECK(rare_of(noise).mean >= 4.99 * noise.late());
  }
}

TEST_CASE("delay noise: who hardly knows the time learns little of what is very late") {
  DelayNoise noise = taught({10, 1'000, 0, 0}, 5'000);
  const Innovation seen{80'000, 1e8};  // expected to within ten times the usual excess
  REQUIRE(noise.weight(seen) < 0.02);
  for (int i = 0; i < 1'000; ++i) {
    const Response response = noise.respond(seen);
    REQUIRE(response.usual < 0.01);
    noise.learn(seen, response);
  }
  CHECK(rare_of(noise).share < 0.02);
  CHECK(noise.late() == doctest::Approx(1'000).epsilon(0.1));
}

}  // namespace timecast::test
