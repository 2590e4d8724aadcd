// SPDX-License-Identifier: MIT
#include "listener/core/delay_noise.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <string_view>
#include <vector>

#include "tests/simulation/random.hpp"

namespace timecast::test {
namespace {

struct Kind {
  std::string_view name;
  double edge;
  double late;
  double share;      // of very late ones
  double very_late;  // their mean
};

double draw(const Kind& kind, sim::Random& random) {
  const bool rare = random.uniform() < kind.share;
  const double late = rare ? kind.very_late : kind.late;
  return kind.edge * random.normal() + late * random.exponential();
}

// Taught by samples of which nothing is known but that they are shorter than `guess`.
DelayNoise taught(const Kind& kind, int samples, double guess = 1e5, std::uint64_t seed = 1) {
  sim::Random random{seed};
  DelayNoise noise{guess};
  for (int i = 0; i < samples; ++i) {
    const Innovation seen{draw(kind, random), 1};
    noise.learn(seen, noise.respond(seen));
  }
  return noise;
}

const Kind kSharp{"sharp", 10, 1'000, 0, 0};
const Kind kMixed{"mixed", 1'000, 1'000, 0, 0};
const Kind kBlunt{"blunt", 1'000, 0, 0, 0};
const Kind kSharpWithRare{"sharp, 2 % very late", 10, 1'000, 0.02, 20'000};
const Kind kMixedWithRare{"mixed, 2 % very late", 1'000, 1'000, 0.02, 20'000};
const Kind kKinds[] = {kSharp, kMixed, kBlunt, kSharpWithRare, kMixedWithRare};

// The logarithm of the density of N(0, variance) + exponential(late), from the error function.
double log_density(double residual_ns, double variance_ns2, double late_ns) {
  const auto residual = static_cast<long double>(residual_ns);
  const auto variance = static_cast<long double>(variance_ns2);
  const auto late = static_cast<long double>(late_ns);
  const long double deviation = std::sqrt(variance);
  const long double u = residual / deviation - deviation / late;
  const long double below = std::erfc(-u / std::sqrt(2.0L)) / 2;
  return static_cast<double>(variance / (2.0L * late * late) - residual / late + std::log(below) -
                             std::log(late));
}

// The logarithm of the density, as the noise has it.
double log_density(const DelayNoise& noise, const Innovation& seen) {
  return noise.respond(seen).log_p - std::log(noise.late());
}

struct Rare {
  double share;
  double mean;
};
// What it has learnt of very late ones, by what it says of two that can be nothing else.
Rare rare_of(const DelayNoise& noise) {
  const double near = 400 * noise.late() + 50 * noise.edge();
  const double far = 1.1 * near;
  const double at_near = log_density(noise, {near, 1});
  const double mean = (far - near) / (at_near - log_density(noise, {far, 1}));
  return {mean * std::exp(at_near + near / mean), mean};
}

// Residuals around the edge of that expectation; none at the seam where very late ones begin.
std::vector<double> residuals(double deviation, double late) {
  std::vector<double> all;
  for (const double r : {-5.0, -3.0, -1.0, -0.2, 0.0, 0.3, 1.0, 2.9, 3.2, 6.0}) {
    all.push_back(r * deviation);
  }
  for (const double r : {0.5, 1.0, 3.0, 7.0, 20.0}) all.push_back(4 * deviation + r * late);
  return all;
}

// Variances of the expectation, from certain to wider than all noise.
const double kVariances[] = {1, 1e4, 1e6, 1e8};

}  // namespace

TEST_CASE("delay noise: the density is the one that it says it is") {
  for (const Kind& kind : kKinds) {
    CAPTURE(kind.name);
    const DelayNoise noise = taught(kind, 2'000);
    for (const double variance : kVariances) {
      CAPTURE(variance);
      const double all = variance + noise.edge() * noise.edge();
      const double deviation = std::sqrt(all);
      for (int halves = -10; halves < 6; ++halves) {
        const double residual = halves / 2.0 * deviation;
        const double said = log_density(noise, {residual, variance});
        CHECK(std::abs(said - log_density(residual, all, noise.late())) < 1e-4);
      }
    }
  }
}

// But for the very late ones, whose share is added beyond three deviations only.
TEST_CASE("delay noise: the density integrates to one") {
  for (const Kind& kind : kKinds) {
    CAPTURE(kind.name);
    const DelayNoise noise = taught(kind, 2'000);
    const Rare rare = rare_of(noise);
    for (const double variance : kVariances) {
      CAPTURE(variance);
      const double deviation = std::sqrt(variance + noise.edge() * noise.edge());
      const double to = 40 * noise.late() + 8 * deviation + 12 * rare.mean;
      double sum = 0;
      double r = -8 * deviation;
      while (r < to) {
        // As fine as the density is curved there: the edge, then the usual ones, then the rest.
        const double usual_end = 20 * noise.late() + 5 * deviation;
        const double tail = r < usual_end ? std::max(noise.late(), deviation) : rare.mean;
        const double step = r < 5 * deviation ? deviation / 30 : tail / 30;
        sum += std::exp(log_density(noise, {r + step / 2, variance})) * step;
        r += step;
      }
      CHECK(sum > 1 - 0.002 - rare.share);
      CHECK(sum < 1 + 0.002 + rare.share);
    }
  }
}

TEST_CASE("delay noise: score and curvature are the derivatives of the density's logarithm") {
  for (const Kind& kind : kKinds) {
    CAPTURE(kind.name);
    const DelayNoise noise = taught(kind, 2'000);
    for (const double variance : kVariances) {
      CAPTURE(variance);
      const double deviation = std::sqrt(variance + noise.edge() * noise.edge());
      for (const double residual : residuals(deviation, noise.late())) {
        CAPTURE(residual);
        const double h = 0.02 * deviation;
        const Response here = noise.respond({residual, variance});
        const Response less = noise.respond({residual - h, variance});
        const Response more = noise.respond({residual + h, variance});
        // Of what was expected: the other way round than of what was seen.
        const double score = (less.log_p - more.log_p) / (2 * h);
        CHECK(std::abs(here.score - score) * deviation < 2e-3 * (1 + std::abs(score) * deviation));
        const double curvature = (less.score - more.score) / (2 * h);
        if (here.usual == 1) {
          CHECK(std::abs(here.curvature - curvature) * deviation * deviation < 2e-3);
        } else {  // where very late ones take over the density is not concave
          const double held = std::clamp(curvature, -0.999 / (variance + 1e-9), 0.0);
          CHECK(std::abs(here.curvature - held) * deviation * deviation < 5e-3);
        }
      }
    }
  }
}

TEST_CASE("delay noise: no observation raises a variance, and none leaves less than nothing") {
  for (const Kind& kind : kKinds) {
    CAPTURE(kind.name);
    const DelayNoise noise = taught(kind, 2'000);
    bool holds = true;
    for (int power = -3; power < 28; ++power) {
      const double variance = std::pow(10.0, power);
      const double deviation = std::sqrt(variance + noise.edge() * noise.edge());
      for (int i = 0; i < 35; ++i) {
        const double r = 1e-3 * std::pow(1.7, i);
        for (const double residual : {-r * deviation, r * deviation, r * noise.late()}) {
          const Response response = noise.respond({residual, variance});
          holds = holds && response.curvature <= 0 && response.curvature * variance > -1;
        }
      }
    }
    CHECK(holds);
  }
}

TEST_CASE("delay noise: the pushes are derivatives by what is to be learnt") {
  const double h = 1e-3;
  for (const Kind& kind : kKinds) {
    CAPTURE(kind.name);
    const DelayNoise noise = taught(kind, 2'000);
    for (const double variance : {1.0, 1e5}) {
      CAPTURE(variance);
      const double square = noise.edge() * noise.edge();
      const double deviation = std::sqrt(variance + square);
      for (const double r : {-3.0, -1.0, 0.0, 1.0, 2.9}) {
        CAPTURE(r);
        const double x = r * deviation;
        const Response response = noise.respond({x, variance});
        const double by_late = (log_density(x, variance + square, noise.late() * (1 + h)) -
                                log_density(x, variance + square, noise.late() * (1 - h))) /
                               (2 * h);
        const double by_square = (log_density(x, variance + square * (1 + h), noise.late()) -
                                  log_density(x, variance + square * (1 - h), noise.late())) /
                                 (2 * h);
        CHECK(std::abs(response.late_push - by_late) < 1e-3 * (1 + std::abs(by_late)));
        CHECK(std::abs(response.edge_push - by_square) < 1e-3 * (1 + std::abs(by_square)));
      }
    }
  }
}

TEST_CASE("delay noise: a symmetric edge is a linear filter's noise") {
  const DelayNoise noise = taught(kBlunt, 5'000);
  const double variance = 1e6;
  const double all = variance + noise.edge() * noise.edge();
  const Response response = noise.respond({-1'000, variance});
  // Around the mean, which lies `late` behind the middle.
  CHECK(response.score == doctest::Approx(-(1'000 + noise.late()) / all).epsilon(0.05));
  CHECK(response.curvature == doctest::Approx(-1 / all).epsilon(0.05));
}

TEST_CASE("delay noise: behind a sharp edge one packet is as good as another") {
  const DelayNoise noise = taught(kSharp, 2'000);
  const Response near = noise.respond({20 * noise.edge(), 1});
  const Response far = noise.respond({3 * noise.late(), 1});
  CHECK(near.score == doctest::Approx(1 / noise.late()).epsilon(0.01));
  CHECK(far.score == doctest::Approx(1 / noise.late()).epsilon(0.1));
  CHECK(near.curvature == doctest::Approx(0));
  CHECK(noise.respond({-4 * noise.edge(), 1}).score < -1 / noise.edge());
}

TEST_CASE("delay noise: what is far too late for the usual is taken for a very late one") {
  const DelayNoise noise = taught(kSharpWithRare, 3'000);
  CHECK(noise.respond({noise.late(), 1}).usual > 0.99);
  CHECK(noise.respond({20 * noise.late(), 1}).usual < 0.01);
  CHECK(noise.respond({-20 * noise.late(), 1}).usual == 1);  // nothing is very early
  const Response far = noise.respond({200 * noise.late(), 1});
  CHECK(far.score == doctest::Approx(1 / rare_of(noise).mean).epsilon(0.01));
}

TEST_CASE("delay noise: edge and excess are learnt from samples, whatever was guessed") {
  struct Row {
    Kind kind;
    double least_edge;
    double most_edge;
  };
  const Row rows[] = {
      {kSharp, 4, 14},  // a hundredth of `late`: few packets are so near
      {{"very sharp", 0, 1'000, 0, 0}, 2.9, 8},
      {{"half sharp", 300, 1'000, 0, 0}, 150, 360},  // the first packets may mislead for long
      {kMixed, 900, 1'100},
      {kSharpWithRare, 4, 14},
      {kMixedWithRare, 900, 1'100},
  };
  for (const Row& row : rows) {
    CAPTURE(row.kind.name);
    for (const double guess : {1e4, 1e5, 1e7}) {
      CAPTURE(guess);
      for (const std::uint64_t seed : {1U, 2U, 3U}) {
        const DelayNoise noise = taught(row.kind, 5'000, guess, seed);
        CHECK(noise.late() == doctest::Approx(row.kind.late).epsilon(0.08));
        CHECK(noise.edge() > row.least_edge);
        CHECK(noise.edge() < row.most_edge);
        CHECK(noise.spread() == noise.edge() + noise.late());
      }
    }
  }
}

TEST_CASE("delay noise: a bell has an edge alone") {
  for (const std::uint64_t seed : {1U, 2U, 3U}) {
    const DelayNoise noise = taught(kBlunt, 5'000, 1e5, seed);
    CHECK(noise.edge() == doctest::Approx(1'000).epsilon(0.1));
    CHECK(noise.late() < 0.35 * noise.edge());
    CHECK(noise.late() >= 0.0999 * noise.edge());  // less says nothing
  }
}

TEST_CASE("delay noise: the share of very late ones and their mean are learnt") {
  for (const Kind& kind : {kSharpWithRare, kMixedWithRare}) {
    CAPTURE(kind.name);
    for (const std::uint64_t seed : {1U, 2U, 3U}) {
      const Rare rare = rare_of(taught(kind, 9'000, 1e5, seed));
      CHECK(rare.share == doctest::Approx(kind.share).epsilon(0.4));
      CHECK(rare.mean == doctest::Approx(kind.very_late).epsilon(0.4));
    }
  }
  CHECK(rare_of(taught(kSharp, 9'000)).share < 0.001);
}

TEST_CASE("delay noise: follows a network that becomes quicker or slower") {
  for (const double factor : {0.1, 10.0}) {
    CAPTURE(factor);
    DelayNoise noise = taught(kSharp, 20'000);
    sim::Random random{7};
    const Kind after{"after", factor * kSharp.edge, factor * kSharp.late, 0, 0};
    for (int i = 0; i < 20'000; ++i) {
      const Innovation seen{draw(after, random), 1};
      noise.learn(seen, noise.respond(seen));
    }
    CHECK(noise.late() == doctest::Approx(after.late).epsilon(0.15));
  }
}

TEST_CASE("delay noise: teaches little while what is expected is uncertain") {
  DelayNoise noise = taught(kSharp, 2'000);
  CHECK(noise.weight({0, 0}) == 1);
  CHECK(noise.weight({0, noise.late() * noise.late()}) == doctest::Approx(0.5).epsilon(0.01));
  CHECK(noise.weight({0, 1e16}) < 1e-9);
  const double late = noise.late();
  for (int i = 0; i < 1'000; ++i) {
    const Innovation seen{1e8, 1e16};
    noise.learn(seen, noise.respond(seen));
  }
  CHECK(noise.late() == doctest::Approx(late).epsilon(1e-3));
}

TEST_CASE("delay noise: scaled, every span of it is so many times longer") {
  const DelayNoise noise = taught(kMixedWithRare, 5'000);
  const DelayNoise longer = noise.scaled(3);
  CHECK(longer.edge() == doctest::Approx(3 * noise.edge()).epsilon(1e-12));
  CHECK(longer.late() == doctest::Approx(3 * noise.late()).epsilon(1e-12));
  for (const double x : {-2'000.0, 100.0, 3'000.0, 50'000.0}) {
    CAPTURE(x);
    const Response one = noise.respond({x, 1e6});
    const Response three = longer.respond({3 * x, 9e6});
    CHECK(three.score == doctest::Approx(one.score / 3).epsilon(1e-9));
    CHECK(three.curvature == doctest::Approx(one.curvature / 9).epsilon(1e-9));
    CHECK(three.log_p == doctest::Approx(one.log_p).epsilon(1e-9));
    CHECK(three.usual == doctest::Approx(one.usual).epsilon(1e-9));
  }
  // No stamp is better than 2 ns.
  CHECK(noise.scaled(1e-9).edge() == 2);
  CHECK(noise.scaled(1e-9).late() == 2);
}

TEST_CASE("delay noise: widened, it is never narrower than it was") {
  DelayNoise noise{1'000};
  const double edge = noise.edge();
  noise.widen(5'000, 2'000);
  CHECK(noise.late() == doctest::Approx(5'000));
  CHECK(noise.edge() == doctest::Approx(2'000));
  noise.widen(50, edge);
  CHECK(noise.late() == doctest::Approx(5'000));
  CHECK(noise.edge() == doctest::Approx(2'000));
}

TEST_CASE("delay noise: a guess is a sharp edge, but no sharper than stamps of kernels") {
  CHECK(DelayNoise{1'000}.edge() == 320);
  const DelayNoise noise{100'000};
  CHECK(noise.late() == 100'000);
  CHECK(noise.edge() == 12'200);
  CHECK(rare_of(noise).share == doctest::Approx(0.01));
  CHECK(rare_of(noise).mean == doctest::Approx(1'500'000));
}

}  // namespace timecast::test
