// SPDX-License-Identifier: MIT
#include "listener/core/filter.hpp"

#include "listener/core/bounds.hpp"

namespace timecast {
namespace {

double dot(const StateVector& a, const StateVector& b) noexcept {
  double sum = 0;
  for (std::size_t i = 0; i < kUnknowns; ++i) sum += a[i] * b[i];
  return sum;
}

}  // namespace

void Filter::set(std::size_t i, double value, double deviation) noexcept {
  mean_[i] = value;
  for (std::size_t k = 0; k < kUnknowns; ++k) covariance_[i][k] = covariance_[k][i] = 0;
  doubt(i, deviation);
}

void Filter::tie_offset_to_delays(double deviation) noexcept {
  set(kClockOffset, 0, deviation);
  for (std::size_t delay = kBaseDelay; delay <= kDetourDelay; ++delay) {
    for (std::size_t k = kClockRate; k < kUnknowns; ++k) {
      covariance_[kClockOffset][k] += covariance_[delay][k];
      covariance_[k][kClockOffset] = covariance_[kClockOffset][k];
    }
  }
  covariance_[kClockOffset][kClockOffset] +=
      covariance_[kClockOffset][kBaseDelay] + covariance_[kClockOffset][kDetourDelay];
}

// The rate is a random walk and the offset its integral.
void Filter::advance(double seconds, double wander, const Walks& walks) noexcept {
  mean_[kClockOffset] += seconds * mean_[kClockRate];
  for (std::size_t k = 0; k < kUnknowns; ++k) {
    covariance_[kClockOffset][k] += seconds * covariance_[kClockRate][k];
  }
  for (StateVector& row : covariance_) row[kClockOffset] += seconds * row[kClockRate];
  const double rate = wander * seconds;
  const double both = rate * seconds / 2;
  covariance_[kClockRate][kClockRate] += rate;
  covariance_[kClockOffset][kClockRate] += both;
  covariance_[kClockRate][kClockOffset] += both;
  covariance_[kClockOffset][kClockOffset] += both * seconds * 2 / 3;
  covariance_[kBaseDelay][kBaseDelay] += walks.base * seconds;
  covariance_[kDetourDelay][kDetourDelay] += walks.detour * seconds;
}

StateVector Filter::gain(const Observation& o) const noexcept {
  StateVector g{};
  for (std::size_t i = 0; i < kUnknowns; ++i) g[i] = dot(covariance_[i], o.weights);
  return g;
}

Innovation Filter::expect(const Observation& o) const noexcept {
  return {o.seen - dot(mean_, o.weights), larger(dot(gain(o), o.weights), 0) + o.variance};
}

void Filter::correct(const Observation& o, const Response& response) noexcept {
  const StateVector g = gain(o);
  for (std::size_t i = 0; i < kUnknowns; ++i) {
    mean_[i] += g[i] * response.score;
    for (std::size_t k = 0; k < kUnknowns; ++k) {
      covariance_[i][k] += g[i] * g[k] * response.curvature;
    }
    covariance_[i][i] = larger(covariance_[i][i], 0);  // what is left of years, rounded
  }
}

void Filter::pull(std::size_t i, double deviation) noexcept {
  Observation o{0, {}};
  o.weights[i] = 1;
  const double variance = covariance_[i][i] + deviation * deviation;
  Response response{};
  response.score = -mean_[i] / variance;
  response.curvature = -1 / variance;
  correct(o, response);
}

}  // namespace timecast
