// SPDX-License-Identifier: MIT
#include "listener/core/filter.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <utility>

#include "tests/simulation/random.hpp"

namespace timecast::test {
namespace {

using Matrix = std::array<StateVector, kUnknowns>;

constexpr Way kWays[] = {Way::announcement, Way::back, Way::there};

// What was seen is this times the state.
StateVector weights_of(Way way, double lag = 0) {
  if (way == Way::there) return {1, -lag, 1, 0};
  return {-1, lag, 1, way == Way::announcement ? 1.0 : 0.0};
}

// Knows a little of everything, and of how it hangs together.
Filter some_filter() {
  Filter f;
  f.set(kClockOffset, 3'000, 1'000);
  f.set(kClockRate, 20, 50);
  f.set(kBaseDelay, 100'000, 5'000);
  f.set(kDetourDelay, 40, 200);
  f.advance(7, 4, {9, 16});
  return f;
}

StateVector means(const Filter& f) {
  StateVector all{};
  for (std::size_t i = 0; i < kUnknowns; ++i) all[i] = f.mean(i);
  return all;
}

Matrix covariances(const Filter& f) {
  Matrix all{};
  for (std::size_t i = 0; i < kUnknowns; ++i) {
    for (std::size_t k = 0; k < kUnknowns; ++k) all[i][k] = f.covariance(i, k);
  }
  return all;
}

Matrix product(const Matrix& a, const Matrix& b) {
  Matrix out{};
  for (std::size_t i = 0; i < kUnknowns; ++i) {
    for (std::size_t k = 0; k < kUnknowns; ++k) {
      for (std::size_t j = 0; j < kUnknowns; ++j) out[i][k] += a[i][j] * b[j][k];
    }
  }
  return out;
}

// Of the largest of both variances.
void check_alike(const Matrix& a, const Matrix& b, double accuracy) {
  for (std::size_t i = 0; i < kUnknowns; ++i) {
    for (std::size_t k = 0; k < kUnknowns; ++k) {
      CAPTURE(i);
      CAPTURE(k);
      CHECK(std::abs(a[i][k] - b[i][k]) <= accuracy * std::sqrt(b[i][i] * b[k][k]));
    }
  }
}

// What a linear filter makes of a Gaussian observation.
Response gaussian_response(const Innovation& seen, double noise) {
  Response response{};
  response.score = seen.residual / (seen.variance + noise);
  response.curvature = -1 / (seen.variance + noise);
  return response;
}

// Whether it is a covariance at all: Cholesky's decomposition exists.
bool is_positive(Matrix m) {
  for (std::size_t i = 0; i < kUnknowns; ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      for (std::size_t k = i; k < kUnknowns; ++k) m[i][k] -= m[j][i] * m[j][k];
    }
    if (!(m[i][i] > 0)) return false;
    const double root = std::sqrt(m[i][i]);
    for (std::size_t k = i; k < kUnknowns; ++k) m[i][k] /= root;
  }
  return true;
}

double asymmetry(const Filter& f) {
  double worst = 0;
  for (std::size_t i = 0; i < kUnknowns; ++i) {
    for (std::size_t k = 0; k < i; ++k) {
      const double size = std::sqrt(f.variance(i) * f.variance(k));
      worst = std::max(worst, std::abs(f.covariance(i, k) - f.covariance(k, i)) / size);
    }
  }
  return worst;
}

}  // namespace

TEST_CASE("filter: time moves it as the closed form says") {
  for (const double t : {1e-3, 0.125, 1.0, 16.0, 1'024.0, 1e6}) {
    CAPTURE(t);
    Filter f = some_filter();
    const StateVector mean = means(f);
    const double wander = 25;
    Matrix motion{};
    for (std::size_t i = 0; i < kUnknowns; ++i) motion[i][i] = 1;
    motion[kClockOffset][kClockRate] = t;
    Matrix turned = motion;
    std::swap(turned[kClockOffset][kClockRate], turned[kClockRate][kClockOffset]);
    Matrix expected = product(product(motion, covariances(f)), turned);
    expected[kClockOffset][kClockOffset] += wander * t * t * t / 3;
    expected[kClockOffset][kClockRate] += wander * t * t / 2;
    expected[kClockRate][kClockOffset] += wander * t * t / 2;
    expected[kClockRate][kClockRate] += wander * t;
    expected[kBaseDelay][kBaseDelay] += 2 * t;
    expected[kDetourDelay][kDetourDelay] += 3 * t;

    f.advance(t, wander, {2, 3});

    CHECK(f.mean(kClockOffset) == doctest::Approx(mean[kClockOffset] + t * mean[kClockRate]));
    CHECK(f.mean(kClockRate) == mean[kClockRate]);
    CHECK(f.mean(kBaseDelay) == mean[kBaseDelay]);
    CHECK(f.mean(kDetourDelay) == mean[kDetourDelay]);
    check_alike(covariances(f), expected, 1e-14);
  }
}

TEST_CASE("filter: many short spans are one long span") {
  Filter once = some_filter();
  Filter often = some_filter();
  once.advance(64, 25, {2, 3});
  for (int i = 0; i < 512; ++i) often.advance(0.125, 25, {2, 3});
  CHECK(often.mean(kClockOffset) == doctest::Approx(once.mean(kClockOffset)).epsilon(1e-12));
  check_alike(covariances(often), covariances(once), 1e-11);
}

TEST_CASE("filter: expects what the state says, and as uncertainly") {
  const Filter f = some_filter();
  const Matrix p = covariances(f);
  for (const Way way : kWays) {
    for (const double lag : {0.0, 1.5}) {
      const StateVector h = weights_of(way, lag);
      double variance = 0;
      double mean = 0;
      for (std::size_t i = 0; i < kUnknowns; ++i) {
        mean += h[i] * f.mean(i);
        for (std::size_t k = 0; k < kUnknowns; ++k) variance += h[i] * p[i][k] * h[k];
      }
      const Innovation seen = f.expect({mean + 123, way, lag}).innovation;
      CHECK(seen.residual == doctest::Approx(123));
      CHECK(seen.variance == doctest::Approx(variance));
    }
  }
}

TEST_CASE("filter: a Gaussian observation is the textbook's update") {
  const double noise = 1e6;
  for (const Way way : kWays) {
    const StateVector h = weights_of(way);
    Filter f = some_filter();
    const StateVector mean = means(f);
    const Observation o{f.expect({0, way}).innovation.residual * -1 + 2'500, way};
    const Innovation seen = f.expect(o).innovation;
    StateVector gain{};
    for (std::size_t i = 0; i < kUnknowns; ++i) {
      for (std::size_t k = 0; k < kUnknowns; ++k) gain[i] += f.covariance(i, k) * h[k];
      gain[i] /= seen.variance + noise;
    }
    Matrix rest{};  // Joseph's form: (1 - K h') P (1 - K h')' + K R K'
    for (std::size_t i = 0; i < kUnknowns; ++i) {
      for (std::size_t k = 0; k < kUnknowns; ++k) rest[i][k] = (i == k ? 1 : 0) - gain[i] * h[k];
    }
    Matrix turned = rest;
    for (std::size_t i = 0; i < kUnknowns; ++i) {
      for (std::size_t k = 0; k < kUnknowns; ++k) turned[i][k] = rest[k][i];
    }
    Matrix expected = product(product(rest, covariances(f)), turned);
    for (std::size_t i = 0; i < kUnknowns; ++i) {
      for (std::size_t k = 0; k < kUnknowns; ++k) expected[i][k] += gain[i] * noise * gain[k];
    }

    f.correct(f.expect(o), gaussian_response(seen, noise));

    for (std::size_t i = 0; i < kUnknowns; ++i) {
      CHECK(f.mean(i) == doctest::Approx(mean[i] + gain[i] * seen.residual).epsilon(1e-12));
    }
    check_alike(covariances(f), expected, 1e-12);
  }
}

// Blunt noise: a learnt edge that is many times the excess is nearly Gaussian around its mean.
TEST_CASE("filter: a nearly Gaussian response is nearly the textbook's update") {
  sim::Random random{1};
  DelayNoise noise{1e5};
  for (int i = 0; i < 5'000; ++i) {
    const Innovation seen{1'000 * random.normal(), 1};
    noise.learn(seen, noise.respond(seen));
  }
  const double variance = noise.edge() * noise.edge() + noise.late() * noise.late();
  for (const double r : {-1'500.0, 0.0, 1'500.0}) {
    CAPTURE(r);
    Filter learnt = some_filter();
    Filter linear = some_filter();
    const Observation o{r - learnt.expect({0, Way::back}).innovation.residual, Way::back};
    const Expectation expected = learnt.expect(o);
    const Innovation& seen = expected.innovation;
    learnt.correct(expected, noise.respond(seen));
    linear.correct(expected,
                   gaussian_response({seen.residual - noise.late(), seen.variance}, variance));
    for (std::size_t i = 0; i < kUnknowns; ++i) {
      CHECK(std::abs(learnt.mean(i) - linear.mean(i)) < 0.01 * std::sqrt(linear.variance(i)));
      CHECK(learnt.variance(i) == doctest::Approx(linear.variance(i)).epsilon(0.01));
    }
  }
}

TEST_CASE("filter: both ways of an exchange tell offset and delay apart") {
  Filter f;
  f.set(kClockOffset, 0, 1e6);
  f.set(kBaseDelay, 0, 1e6);
  for (const Observation& o :
       {Observation{300 + 70, Way::there}, Observation{-300 + 70, Way::back}}) {
    f.correct(f.expect(o), gaussian_response(f.expect(o).innovation, 1));
  }
  CHECK(f.mean(kClockOffset) == doctest::Approx(300).epsilon(1e-3));
  CHECK(f.mean(kBaseDelay) == doctest::Approx(70).epsilon(1e-3));
}

TEST_CASE("filter: its covariance stays symmetric and positive") {
  struct Row {
    const char* name;
    double least_span;
    double most_span;
    double wander;
    double late;
  };
  const Row rows[] = {
      {"a quiet network", 0.01, 2, 0.01, 100},
      {"a noisy one", 0.01, 2, 10, 1e6},
      {"rare packets", 100, 2'000, 1, 1e4},
      {"no time between", 0, 1e-6, 10, 1e4},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    sim::Random random{1};
    Filter f = some_filter();
    DelayNoise noise{row.late};
    double truth = 0;
    bool positive = true;
    double worst = 0;
    for (int i = 0; i < 100'000; ++i) {
      const double span = row.least_span + (row.most_span - row.least_span) * random.uniform();
      f.advance(span, row.wander * row.wander, {1e-2, 1e-2});
      truth += span * f.mean(kClockRate);
      const Way way = kWays[random.word() % 3];
      const double seen =
          weights_of(way)[kClockOffset] * truth + 1e5 + row.late * random.exponential();
      const Expectation expected = f.expect({seen, way});
      f.correct(expected, noise.respond(expected.innovation));
      if (i % 100 != 0) continue;
      worst = std::max(worst, asymmetry(f));
      positive = positive && is_positive(covariances(f));
    }
    CHECK(positive);
    CHECK(worst < 1e-9);
  }
}

TEST_CASE("filter: what is set is known alone, whatever was known before") {
  Filter f = some_filter();
  const Matrix before = covariances(f);
  f.set(kClockOffset, -5, 3);
  CHECK(f.mean(kClockOffset) == -5);
  CHECK(f.variance(kClockOffset) == 9);
  for (std::size_t k = kClockRate; k < kUnknowns; ++k) {
    CHECK(f.covariance(kClockOffset, k) == 0);
    CHECK(f.covariance(k, kClockOffset) == 0);
    CHECK(f.variance(k) == before[k][k]);
  }
}

TEST_CASE("filter: doubt adds variance and does no more") {
  Filter f = some_filter();
  const Matrix before = covariances(f);
  const StateVector mean = means(f);
  f.doubt(kBaseDelay, 7);
  CHECK(f.variance(kBaseDelay) == before[kBaseDelay][kBaseDelay] + 49);
  CHECK(f.mean(kBaseDelay) == mean[kBaseDelay]);
  CHECK(f.variance(kDetourDelay) == before[kDetourDelay][kDetourDelay]);
  CHECK(f.covariance(kClockOffset, kBaseDelay) == before[kClockOffset][kBaseDelay]);
  CHECK(f.mean(kClockOffset) == mean[kClockOffset]);
}

TEST_CASE("filter: an offset tied to the delays is as wrong as they are") {
  Filter f = some_filter();
  for (const Way way : {Way::there, Way::announcement}) {
    const Expectation expected = f.expect({1e5, way});
    f.correct(expected, gaussian_response(expected.innovation, 1e6));
  }
  const Matrix p = covariances(f);
  const StateVector mean = means(f);
  f.tie_offset_to_delays(300);
  CHECK(f.mean(kClockOffset) == 0);
  const double both =
      p[kBaseDelay][kBaseDelay] + 2 * p[kBaseDelay][kDetourDelay] + p[kDetourDelay][kDetourDelay];
  CHECK(f.variance(kClockOffset) == doctest::Approx(both + 300.0 * 300));
  for (std::size_t k = kClockRate; k < kUnknowns; ++k) {
    CHECK(f.covariance(kClockOffset, k) == doctest::Approx(p[kBaseDelay][k] + p[kDetourDelay][k]));
    CHECK(f.mean(k) == mean[k]);
    CHECK(f.variance(k) == p[k][k]);
  }
  CHECK(asymmetry(f) == 0);
  CHECK(is_positive(covariances(f)));
  // An announcement is then expected to within that deviation alone.
  CHECK(f.expect({0, Way::announcement}).innovation.variance ==
        doctest::Approx(300.0 * 300).epsilon(1e-6));
}

TEST_CASE("filter: a pull is an observation of nothing") {
  Filter f = some_filter();
  const double before = f.mean(kDetourDelay);
  const double variance = f.variance(kDetourDelay);
  f.pull(kDetourDelay, std::sqrt(variance));
  CHECK(f.mean(kDetourDelay) == doctest::Approx(before / 2));
  CHECK(f.variance(kDetourDelay) == doctest::Approx(variance / 2));
  CHECK(is_positive(covariances(f)));
}

}  // namespace timecast::test
