// SPDX-License-Identifier: MIT
#include "listener/core/calibration.hpp"

#include <algorithm>

namespace timecast {
namespace {

constexpr std::size_t kEnoughExchanges = 8;
// 99.9 % of an exponential distribution, in means. Of the least of n against the mean that n show,
// F(2, 2n - 2): close to kTail (n + kTail - 1) / (n - 1).
constexpr double kTail = 7;

Duration scaled(Duration d, double factor) noexcept {
  return Duration::from_seconds(d.to_seconds() * factor);
}

}  // namespace

bool Calibration::add(const Exchange& exchange, const Estimator& estimator) noexcept {
  // As if the reply had come when the request left, so that one instant stands for both.
  const Duration meanwhile =
      estimator.at(exchange.received).ahead - estimator.at(exchange.sent).ahead;
  if (count_ == kWindow) {
    std::copy(residuals_.begin() + 1, residuals_.end(), residuals_.begin());
    --count_;
  }
  residuals_[count_++] = {exchange.sent, exchange.forward, exchange.back - meanwhile,
                          exchange.uncertainty};
  return update(estimator);
}

bool Calibration::update(const Estimator& estimator) noexcept {
  if (estimator.is_full()) settle(estimator, estimator.middle());
  const bool consistent = combine(estimator);
  if (!consistent) restart();
  return consistent;
}

void Calibration::settle(const Estimator& estimator, Timestamp<Raw> before) noexcept {
  for (std::size_t i = 0; i < count_; ++i) {
    Residual& r = residuals_[i];
    if (r.at < before) r = against(estimator, r);
  }
}

Calibration::Residual Calibration::against(const Estimator& estimator, const Residual& r) noexcept {
  if (r.at == kSettled) return r;
  const Edge edge = estimator.at(r.at);
  return {kSettled, r.forward - edge.ahead, r.back - edge.ahead, r.error + edge.error};
}

bool Calibration::settled() const noexcept {
  return count_ >= kEnoughExchanges && base_.error < base_.round_trip / 8;
}

bool Calibration::combine(const Estimator& estimator) noexcept {
  if (count_ == 0) return true;
  // No packet arrives before it was sent: each exchange is an upper and a lower limit of the base
  // delay. Those count that are tightest with their own error.
  Residual above{{}, Duration::max(), {}, {}};
  Residual below{{}, {}, Duration::min(), {}};
  Duration spread;
  for (std::size_t i = 0; i < count_; ++i) {
    const Residual r = against(estimator, residuals_[i]);
    if (r.forward + r.error < above.forward + above.error) above = r;
    if (r.back - r.error > below.back - below.error) below = r;
    spread += r.forward - r.back;
  }
  const auto number = static_cast<double>(count_);
  const auto samples = static_cast<double>(estimator.count());
  // What the round trips vary by, the announcements of a short window may as well.
  const Duration unseen = scaled(spread, 8 / (number * samples * samples));
  const Duration error = (above.error + below.error + unseen) / 2;
  Duration round_trip = above.forward - below.back;
  if (round_trip < -error) return false;

  // One exchange may have been held up on one way alone: half its round trip. The least of more is
  // off by their mean excess over their number, and few of them hardly know their mean.
  const Duration excess = std::max(spread - scaled(round_trip, number), Duration{});
  const Duration inverted = std::max(-round_trip, Duration{});
  round_trip = round_trip + inverted;
  Duration queueing = round_trip / 2;
  if (count_ > 1) {
    const double tail = kTail * (number + kTail - 1) / (2 * number * (number - 1) * (number - 1));
    queueing = std::min(queueing, scaled(excess, tail));
  }
  base_ = {(above.forward + below.back) / 2, queueing + error + inverted, round_trip};
  return true;
}

}  // namespace timecast
