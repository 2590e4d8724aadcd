// SPDX-License-Identifier: MIT
#include "listener/daemon/signature_guard.hpp"

#include <algorithm>

#include <timecast/wire/header.hpp>

namespace timecast {

namespace {

constexpr Duration kPeriod = Duration::seconds(1) / SignatureGuard::kChecksASecond;
constexpr Duration kLeastWindow = Duration::milliseconds(1);
// Both packets may be moved by 10 ms on the announcer's grid.
constexpr Duration kJitter = Duration::milliseconds(20);
// So many intervals after the last packet two clocks that differ by 600 ppm are that far apart.
constexpr std::int64_t kGridLasts = 32;

// How far an instant is from the nearest one on a grid of intervals.
Duration off_grid(Duration since, Duration interval) noexcept {
  const Duration late = since - interval * (since.count_ns() / interval.count_ns());
  return std::min(late, interval - late);
}

}  // namespace

Verifier SignatureGuard::verifier() noexcept {
  const auto check = [](const void* context, const PublicKey& key, const SignedMessage& message,
                        const Signature& signature) noexcept {
    // The core is handed it as a constant, since it has nothing to change there.
    auto* const guard = static_cast<SignatureGuard*>(const_cast<void*>(context));
    return guard->check(key, message, signature);
  };
  return {check, this};
}

void SignatureGuard::arriving(const Moment& at) noexcept {
  at_ = at;
  passed_.reset();
}

void SignatureGuard::expect(const ListenerStatus& status) noexcept {
  const bool known = status.state == State::synchronised || status.state == State::holdover;
  if (!known || status.plain || !status.lateness_bounded || status.interval <= Duration{}) {
    expected_.reset();
    return;
  }
  if (!expected_ || expected_->key != status.key) {
    heard_at_ = at_.boot - status.interval * (kGridLasts + 1);  // when it is due is not known
  }
  // 99.9 % of a normal distribution lie within 3.3 of its deviations: 5 are half as much more.
  expected_ = Expected{status.key, status.offset - status.delay,
                       std::max(kLeastWindow, status.error + status.error / 2), status.interval};
}

bool SignatureGuard::check(const PublicKey& key, const SignedMessage& message,
                           const Signature& signature) noexcept {
  if (!may_check(key, message)) {
    ++unchecked_;
    return false;
  }
  if (!verifier_(key, message, signature)) return false;
  passed_ = Passed{key, !message.nonce.empty()};
  if (message.nonce.empty() && tells_expected_time(key, message.body)) {
    heard_at_ = at_.boot;
    interval_number_ = 0;
    of_interval_ = 0;
  }
  return true;
}

bool SignatureGuard::may_check(const PublicKey& key, const SignedMessage& message) noexcept {
  if (!message.nonce.empty()) return answers_in_time(message.nonce);
  if (any_.take(at_.boot, {kPeriod, kChecksASecond})) return true;
  return is_expected(key, message.body) && take_of_interval();
}

bool SignatureGuard::answers_in_time(Octets nonce) noexcept {
  auto question = std::find_if(questions_.begin(), questions_.end(), [&](const Question& each) {
    return each.checks > 0 &&
           std::equal(nonce.begin(), nonce.end(), each.nonce.begin(), each.nonce.end());
  });
  if (question == questions_.end()) {
    question = questions_.begin() + static_cast<std::ptrdiff_t>(oldest_question_);
    oldest_question_ = (oldest_question_ + 1) % questions_.size();
    *question = {};
    copy_octets(nonce, question->nonce);
  }
  if (question->checks == kChecksAQuestion) return false;
  ++question->checks;
  return true;
}

bool SignatureGuard::tells_expected_time(const PublicKey& key, Octets packet) const noexcept {
  if (!expected_ || expected_->key != key) return false;
  const NtpTimestamp transmit{read_big_endian<std::uint64_t>(packet, kTransmitOffset)};
  const Duration then = at_.realtime.since_epoch() + expected_->ahead;
  const Duration apart = difference(transmit, to_ntp(Timestamp<Announced>{then}));
  return magnitude(apart) <= expected_->window;
}

bool SignatureGuard::is_expected(const PublicKey& key, Octets packet) const noexcept {
  if (!tells_expected_time(key, packet)) return false;
  const Duration since = at_.boot - heard_at_;
  return since > expected_->interval * kGridLasts ||
         off_grid(since, expected_->interval) <= kJitter + expected_->window;
}

// REQUIRES: is_expected().
bool SignatureGuard::take_of_interval() noexcept {
  const Duration since = at_.boot - heard_at_ + expected_->interval / 2;
  const std::int64_t number = since.count_ns() / expected_->interval.count_ns();
  if (number != interval_number_) {
    interval_number_ = number;
    of_interval_ = 0;
  }
  return ++of_interval_ <= kChecksAnInterval;
}

}  // namespace timecast
