// SPDX-License-Identifier: MIT
#include "tests/simulation/linear_filter.hpp"

#include <cmath>

namespace timecast::sim {
namespace {

constexpr double kGate = 4;
constexpr double kFirstRate = 100e-6;
// So many in a row cannot be chance: the clock was stepped.
constexpr int kMostGated = 8;

}  // namespace

void LinearFilter::start(Timestamp<Raw> at, Duration ahead) {
  started_ = true;
  at_ = at;
  origin_ = ahead;
  x_ = 0;
  f_ = 0;
  pxx_ = told_.deviation_s * told_.deviation_s;
  pxf_ = 0;
  pff_ = kFirstRate * kFirstRate;
  gated_ = 0;
}

void LinearFilter::pass(double seconds) {
  const double q = told_.wander * told_.wander;
  x_ += f_ * seconds;
  pxx_ += (2 * pxf_ + (pff_ + q * seconds / 3) * seconds) * seconds;
  pxf_ += (pff_ + q * seconds / 2) * seconds;
  pff_ += q * seconds;
}

void LinearFilter::on_announcement(Timestamp<Raw> arrived, Duration ahead) {
  if (!started_) return start(arrived, ahead);
  if (arrived <= at_) return;
  pass((arrived - at_).to_seconds());
  at_ = arrived;
  const double residual = (ahead - origin_).to_seconds() - x_;
  const double variance = pxx_ + told_.deviation_s * told_.deviation_s;
  if (std::abs(residual) > kGate * std::sqrt(variance)) {
    if (++gated_ >= kMostGated) start(arrived, ahead);
    return;
  }
  gated_ = 0;
  const double kx = pxx_ / variance;
  const double kf = pxf_ / variance;
  x_ += kx * residual;
  f_ += kf * residual;
  pff_ -= kf * pxf_;
  pxf_ -= kf * pxx_;
  pxx_ -= kx * pxx_;
}

void LinearFilter::on_exchange(Timestamp<Raw> sent, Duration forward, Timestamp<Raw> received,
                               Duration back) {
  static_cast<void>(sent);
  static_cast<void>(received);
  const double half = (forward - back).to_seconds() / 2;
  const double away = half - half_round_trip_s_;
  const double known = exchanges_ == 0 ? 1 : 1 / std::sqrt(exchanges_);
  const double limit = kGate * told_.exchange_deviation_s * (1 + known);
  if (exchanges_ > 0 && std::abs(away) > limit) {
    if (++odd_exchanges_ < kMostGated) return;
    exchanges_ = 0;
  }
  odd_exchanges_ = 0;
  ++exchanges_;
  half_round_trip_s_ += (half - half_round_trip_s_) / exchanges_;
}

std::optional<Duration> LinearFilter::ahead(Timestamp<Raw> now) const {
  if (!started_ || exchanges_ == 0) return std::nullopt;
  const double line = x_ + f_ * (now - at_).to_seconds();
  return origin_ + Duration::from_seconds(line + half_round_trip_s_);
}

}  // namespace timecast::sim
