// SPDX-License-Identifier: MIT
#include "listener/core/filter.hpp"

#include <bit>

#include "listener/core/bounds.hpp"

namespace timecast {
namespace {

// What a packet sees of something that has as many parts as the state.
double seen_of(const StateVector& all, const Observation& o) noexcept {
  double clock = all[kClockOffset];
  // Most are new. (By its bits: software compares doubles slowly.)
  if (std::bit_cast<std::uint64_t>(o.lag) != 0) clock -= o.lag * all[kClockRate];
  const double unicast = (o.way == Way::there ? clock : -clock) + all[kBaseDelay];
  return o.way == Way::announcement ? unicast + all[kDetourDelay] : unicast;
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
  StateVector& offset = covariance_[kClockOffset];
  for (std::size_t k = 0; k < kUnknowns; ++k) offset[k] += seconds * covariance_[kClockRate][k];
  offset[kClockOffset] += seconds * offset[kClockRate];
  const double rate = wander * seconds;
  const double both = rate * seconds / 2;
  covariance_[kClockRate][kClockRate] += rate;
  offset[kClockRate] += both;
  offset[kClockOffset] += both * seconds * (2.0 / 3);
  for (std::size_t k = kClockRate; k < kUnknowns; ++k) covariance_[k][kClockOffset] = offset[k];
  covariance_[kBaseDelay][kBaseDelay] += walks.base * seconds;
  covariance_[kDetourDelay][kDetourDelay] += walks.detour * seconds;
}

StateVector Filter::gain(const Observation& o) const noexcept {
  StateVector g;
  for (std::size_t i = 0; i < kUnknowns; ++i) g[i] = seen_of(covariance_[i], o);
  return g;
}

Expectation Filter::expect(const Observation& o) const noexcept {
  const StateVector g = gain(o);
  return {{o.seen - seen_of(mean_, o), larger(seen_of(g, o), 0) + o.variance}, g};
}

void Filter::correct(const Expectation& e, const Response& response) noexcept {
  move(e.gain, response.score, response.curvature);
}

void Filter::move(const StateVector& g, double score, double curvature) noexcept {
  for (std::size_t i = 0; i < kUnknowns; ++i) {
    mean_[i] += g[i] * score;
    const double step = g[i] * curvature;
    for (std::size_t k = 0; k <= i; ++k) covariance_[k][i] = covariance_[i][k] += step * g[k];
    covariance_[i][i] = larger(covariance_[i][i], 0);  // what is left of years, rounded
  }
}

void Filter::pull(std::size_t i, double deviation) noexcept {
  const StateVector gain = covariance_[i];
  const double curvature = -1 / (gain[i] + square(deviation));
  move(gain, mean_[i] * curvature, curvature);
}

}  // namespace timecast
