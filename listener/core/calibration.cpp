// SPDX-License-Identifier: MIT
#include "listener/core/calibration.hpp"

#include <algorithm>

namespace timecast {
namespace {

constexpr std::size_t kEnoughExchanges = 8;
// Exchanges whose line was much worse known than the best one's are left out: their residuals
// carry the line's error, and the least of many would pick just those.
constexpr std::int64_t kLineErrorRatio = 2;
constexpr Duration kLineErrorGrace = Duration::microseconds(2);
constexpr std::int64_t kTail = 7;  // as in the estimator

}  // namespace

void Calibration::take(const Exchange& exchange, bool again, const Estimator& estimator) noexcept {
  if (!again || count_ == 0) {
    last_ = (last_ + 1) % kWindow;
    count_ = std::min(count_ + 1, kWindow);
  }
  const Edge there = estimator.at(exchange.sent);
  const Edge here = estimator.at(exchange.received);
  // Few announcements cannot tell how late the best of them was; the round trip is a hint.
  const Duration round_trip = exchange.forward - exchange.back;
  const Duration unseen = round_trip / (2 * static_cast<std::int64_t>(estimator.count()));
  residuals_[last_] = {exchange.forward - there.ahead, exchange.back - here.ahead,
                       std::max(there.error, here.error) + exchange.uncertainty + unseen};
  if (combine()) return;
  // No packet arrives before it was sent: when the earlier ones were measured the line was another.
  residuals_[0] = residuals_[last_];
  last_ = 0;
  count_ = 1;
  static_cast<void>(combine());
}

bool Calibration::settled() const noexcept {
  return count_ >= kEnoughExchanges && base_.error < base_.round_trip / 8;
}

bool Calibration::combine() noexcept {
  Duration best_error = Duration::max();
  for (std::size_t i = 0; i < count_; ++i) best_error = std::min(best_error, residuals_[i].error);
  const Duration limit = best_error * kLineErrorRatio + kLineErrorGrace;

  Duration least_forward = Duration::max();
  Duration most_back = Duration::min();
  Duration spread;  // sum of what each exchange took longer than the least, both ways
  std::int64_t used = 0;
  for (std::size_t i = 0; i < count_; ++i) {
    const Residual& r = residuals_[i];
    if (r.error > limit) continue;
    least_forward = std::min(least_forward, r.forward);
    most_back = std::max(most_back, r.back);
    spread += r.forward - r.back;
    ++used;
  }
  Duration round_trip = least_forward - most_back;
  if (round_trip < -limit && count_ > 1) return false;
  round_trip = std::max(round_trip, Duration{});
  spread = spread - round_trip * used;
  // One exchange may have been held up on one way alone: half its round trip. The least of more
  // is off by their mean excess over their number.
  const Duration queueing = used < 2 ? round_trip / 2 : spread / used * kTail / (2 * used);
  base_ = {(least_forward + most_back) / 2, std::min(queueing, round_trip / 2) + best_error,
           round_trip};
  return true;
}

}  // namespace timecast
