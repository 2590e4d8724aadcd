// SPDX-License-Identifier: MIT
#include "listener/core/gaussian_tail.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <vector>

namespace timecast::test {
namespace {

// 1/R(y) - y, where R is Mills' ratio: from the error function, and from the continued fraction of
// Laplace where that converges quickly. Neither loses digits where it is used.
long double exact_gap_below(long double y) {
  if (y < 3) {
    const long double density = std::exp(-y * y / 2) / std::sqrt(2 * std::acos(-1.0L));
    return density / (std::erfc(y / std::sqrt(2.0L)) / 2) - y;
  }
  long double rest = 0;
  for (int k = 400; k > 1; --k) rest = static_cast<long double>(k) / (y + rest);
  return 1 / (y + rest);
}

struct ExactTail {
  long double gap;
  long double log_p;
  long double variance;  // of N, given N < u
};

ExactTail exact_tail(double value) {
  const auto u = static_cast<long double>(value);
  const long double root = std::sqrt(2 * std::acos(-1.0L));
  if (u <= 0) {
    const long double gap = exact_gap_below(-u);
    return {gap, -std::log((gap - u) * root), 1 - gap * (gap - u)};
  }
  const long double above = std::erfc(u / std::sqrt(2.0L)) / 2;
  const long double mean = std::exp(-u * u / 2) / root / (1 - above);
  return {u + mean, std::log1p(-above), 1 - mean * (u + mean)};
}

double relative(double value, long double exact) {
  return static_cast<double>(std::abs((static_cast<long double>(value) - exact) / exact));
}

// From one number to another, each so many times the one before.
std::vector<double> geometric(double from, double to, double factor) {
  std::vector<double> all(1 + static_cast<std::size_t>(std::log(to / from) / std::log(factor)));
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = from * std::pow(factor, i);
  return all;
}

}  // namespace

TEST_CASE("log_of: within 2e-11 between 1/4 and 4") {
  double worst = 0;
  for (int i = 1; i <= 16'000; ++i) {
    const double x = i / 4'000.0;
    worst = std::max(worst, std::abs(log_of(x) - std::log(x)));
  }
  CHECK(worst < 2e-11);
}

TEST_CASE("log_of: as good at every size a double has") {
  using Limits = std::numeric_limits<double>;
  double worst = 0;
  for (int exponent = Limits::min_exponent - 1; exponent < Limits::max_exponent; ++exponent) {
    for (const double f : {1.0, 1.2, 1.41, 1.4142135623730949, 1.4142135623730954, 1.5, 1.999}) {
      const double x = std::ldexp(f, exponent);
      worst = std::max(worst, std::abs(log_of(x) - std::log(x)));
    }
  }
  CHECK(worst < 2e-11);
  CHECK(log_of(Limits::min()) == doctest::Approx(-708.3964185322641).epsilon(1e-13));
  CHECK(log_of(Limits::max()) == doctest::Approx(709.782712893384).epsilon(1e-13));
}

TEST_CASE("log_of: rises, also from one power of two to the next") {
  double last = log_of(0.2);
  bool rises = true;
  for (const double x : geometric(0.2, 9, 1.0001)) {
    rises = rises && log_of(x * 1.0001) > last;
    last = log_of(x * 1.0001);
  }
  CHECK(rises);
  CHECK(log_of(1) == 0);
}

TEST_CASE("per_root_of: within 5e-11 of its size") {
  double worst = 0;
  for (const double x : geometric(1, 4, 1.0001)) {
    for (const double power : {1e-300, 1e-6, 1.0, 1e6, 1e38, 1e300}) {
      worst = std::max(worst, relative(per_root_of(x * power),
                                       1 / std::sqrt(static_cast<long double>(x * power))));
    }
  }
  CHECK(worst < 5e-11);
}

TEST_CASE("root_of: within 5e-11 of its size, and zero of zero") {
  double worst = 0;
  for (const double x : geometric(1e-12, 1e30, 1.1)) {
    worst = std::max(worst, relative(root_of(x), std::sqrt(static_cast<long double>(x))));
  }
  CHECK(worst < 5e-11);
  CHECK(root_of(0) == 0);
}

TEST_CASE("exp_of: within 1e-9 of its size from -700 to 0") {
  double worst = 0;
  for (int i = 0; i <= 28'000; ++i) {
    const double x = -i / 40.0;
    worst = std::max(worst, relative(exp_of(x), std::exp(static_cast<long double>(x))));
  }
  for (int i = 0; i <= 4'000; ++i) {
    const double x = -i / 1'000.0;
    worst = std::max(worst, relative(exp_of(x), std::exp(static_cast<long double>(x))));
  }
  CHECK(worst < 1e-9);
  CHECK(exp_of(0) == 1);
  CHECK(exp_of(-0.0) == 1);
  CHECK(exp_of(-1e-300) == 1);
}

TEST_CASE("exp_of: nothing is left below -700") {
  CHECK(exp_of(-700) > 0);
  CHECK(exp_of(-700.0001) == 0);
  CHECK(exp_of(-1e300) == 0);
  CHECK(exp_of(-std::numeric_limits<double>::infinity()) == 0);
}

TEST_CASE("exp_of: never rises on its way down, over every change of exponent") {
  double last = 1;
  bool falls = true;
  for (int i = 0; i <= 30'000; ++i) {
    const double x = -i / 500.0;
    falls = falls && exp_of(x) <= last * (1 + 1e-9);
    last = exp_of(x);
  }
  CHECK(falls);
}

TEST_CASE("gaussian_tail: the gap is within 3e-6 of its size, from -1e6 to 40") {
  double worst = 0;
  for (int i = 0; i <= 6'000; ++i) {
    const double u = -20 + i / 100.0;
    worst = std::max(worst, relative(gaussian_tail(u).gap, exact_tail(u).gap));
  }
  for (const double y : geometric(20, 1e6, 1.01)) {
    worst = std::max(worst, relative(gaussian_tail(-y).gap, exact_tail(-y).gap));
  }
  CHECK(worst < 3e-6);
}

TEST_CASE("gaussian_tail: the logarithm of the probability is within 3e-6, from -1e6 to 40") {
  double worst = 0;
  for (int i = 0; i <= 6'000; ++i) {
    const double u = -20 + i / 100.0;
    const double difference = gaussian_tail(u).log_p - static_cast<double>(exact_tail(u).log_p);
    worst = std::max(worst, std::abs(difference));
  }
  for (const double y : geometric(20, 1e6, 1.01)) {
    const double difference = gaussian_tail(-y).log_p - static_cast<double>(exact_tail(-y).log_p);
    worst = std::max(worst, std::abs(difference));
  }
  CHECK(worst < 3e-6);
}

// The variance that is left after one observation, 1 - gap * (gap - u), is a difference of nearly
// equal numbers for u << 0.
TEST_CASE("gaussian_tail: the variance below u keeps its digits where it is tiny") {
  struct Row {
    double from;
    double to;
    double accuracy;  // relative
  };
  const Row rows[] = {
      {1, 10, 5e-4},       // the polynomials' 3e-6 over a variance of 1/y^2
      {10, 30, 4e-3},      //
      {30.001, 50, 1e-4},  // the series: its next term is 74/y^6
      {50, 1e4, 1.3e-5},   //
      {1e4, 1e6, 2e-3},    // what rounding leaves
  };
  for (const Row& row : rows) {
    CAPTURE(row.from);
    double worst = 0;
    for (const double y : geometric(row.from, row.to, 1.003)) {
      const double gap = gaussian_tail(-y).gap;
      worst = std::max(worst, relative(1 - gap * (gap + y), exact_tail(-y).variance));
    }
    CHECK(worst < row.accuracy);
  }
}

TEST_CASE("gaussian_tail: the variance below u is one of a probability: between 0 and 1") {
  const auto holds_at = [](double u) {
    const GaussianTail tail = gaussian_tail(u);
    const double variance = 1 - tail.gap * (tail.gap - u);
    return tail.gap > 0 && variance > 0 && variance < 1 + 1e-8;
  };
  bool holds = true;
  for (const double y : geometric(1e6, 30, 0.997)) holds = holds && holds_at(-y);
  for (int i = 0; i <= 7'000; ++i) holds = holds && holds_at(-30 + i / 100.0);
  CHECK(holds);
}

TEST_CASE("gaussian_tail: what is known to be below a distant limit is the whole Gaussian") {
  for (const double u : {9.0, 38.0, 40.0, 1e3, 1e9, 1e200}) {
    CAPTURE(u);
    CHECK(gaussian_tail(u).gap == doctest::Approx(u).epsilon(1e-15));
    CHECK(gaussian_tail(u).log_p == doctest::Approx(0).epsilon(1e-15));
  }
}

TEST_CASE("gaussian_tail: far below, finite down to the least a double can say") {
  for (const double y : {1e8, 1e12, 1e100, 1e200}) {
    CAPTURE(y);
    CHECK(gaussian_tail(-y).gap * y == doctest::Approx(1).epsilon(1e-12));
    CHECK(std::isfinite(gaussian_tail(-y).log_p));
  }
}

TEST_CASE("gaussian_tail: continuous where one form takes over from another") {
  for (const double u : {0.0, -30.0}) {
    CAPTURE(u);
    const GaussianTail below = gaussian_tail(std::nextafter(u, -100));
    const GaussianTail above = gaussian_tail(std::nextafter(u, 100));
    CHECK(std::abs(below.gap - above.gap) < 6e-6 * above.gap);
    CHECK(std::abs(below.log_p - above.log_p) < 6e-6);
  }
}

TEST_CASE("gaussian_tail: known values") {
  CHECK(gaussian_tail(0).gap == doctest::Approx(0.7978845608).epsilon(3e-6));  // sqrt(2/pi)
  CHECK(gaussian_tail(0).log_p == doctest::Approx(-0.6931471806).epsilon(3e-6));
  CHECK(gaussian_tail(-1).gap == doctest::Approx(0.5251352761).epsilon(3e-6));
  CHECK(gaussian_tail(1).gap == doctest::Approx(1.2875999709).epsilon(3e-6));
  // log(0.8413447461); the two forms need not agree about -u * u / 2.
  CHECK(gaussian_tail(1).log_p == doctest::Approx(-0.1727537790).epsilon(3e-5));
}

TEST_CASE("gaussian_tail: above, within 2e-9 also where the limit begins to be taken for distant") {
  double gap = 0;
  double log_p = 0;
  for (int i = 0; i <= 4'000; ++i) {
    const double u = 4 + i / 1'000.0;
    const ExactTail exact = exact_tail(u);
    gap = std::max(gap, relative(gaussian_tail(u).gap, exact.gap));
    log_p = std::max(log_p, std::abs(gaussian_tail(u).log_p - static_cast<double>(exact.log_p)));
  }
  CHECK(gap < 2e-9);
  CHECK(log_p < 2e-9);
}

}  // namespace timecast::test
