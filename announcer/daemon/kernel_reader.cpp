// SPDX-License-Identifier: MIT
#include "announcer/daemon/kernel_reader.hpp"

#include <algorithm>

#include "common/host/clock_keeper.hpp"

namespace timecast {

namespace {

constexpr Duration kPatience = Duration::milliseconds(20);
constexpr Duration kAskAgain = Duration::seconds(1);
// So late that what is announced each second asks before.
constexpr Duration kAskAtLatest = Duration::milliseconds(1'250);
constexpr Duration kWordHolds = Duration::seconds(3);
// Between two looks at the clock: more than any slew makes in the time that a word holds.
constexpr Duration kWasSet = Duration::milliseconds(10);
constexpr Duration kGrowth = Duration::microseconds(500);  // MAXFREQ, each second

std::int64_t second_of(const Moment& at) noexcept {
  return at.realtime.since_epoch().count_ns() / 1'000'000'000;
}

KernelClock ask_the_keeper(Duration patience) {
  KeeperRequest request;
  const KeeperAnswer answer = ask_keeper(keeper_socket().value_or(""), request, patience);
  const bool failed = answer.failure != 0;
  KernelClock clock = kernel_clock_from(failed ? -1 : answer.state, answer.call);
  clock.failure = answer.failure;
  return clock;
}

}  // namespace

KernelReader::KernelReader() : has_keeper_{keeper_socket().has_value()} {
  ask_ = has_keeper_ ? Ask{ask_the_keeper} : Ask{[](Duration) { return read_kernel_clock(); }};
}

KernelClock KernelReader::read(const Moment& now) {
  if (!has_keeper_) return ask_({});
  if (word_ && second_of(word_->at) == second_of(now) && holds(now, kAskAgain)) return word_->clock;
  const bool is_first = !word_ && !asked_in_vain_;
  if (!asked_in_vain_ || now.boot - *asked_in_vain_ >= kAskAgain) {
    // Nothing is announced yet that could be late.
    const KernelClock clock = ask_(is_first ? kKeeperPatience : kPatience);
    failure_ = clock.failure;
    asked_in_vain_ = failure_ != 0 ? std::optional{now.boot} : std::nullopt;
    if (failure_ == 0) {
      word_ = Word{clock, now};
      return clock;
    }
  }
  return at_hand(now);
}

KernelClock KernelReader::known(const Moment& now) {
  const bool is_news = word_ && is_younger(now, kWordHolds) && is_void(now);
  return !has_keeper_ || is_news ? read(now) : at_hand(now);
}

std::optional<Timestamp<Boot>> KernelReader::next_ask() const noexcept {
  if (!has_keeper_) return std::nullopt;
  if (asked_in_vain_) return *asked_in_vain_ + kAskAtLatest;
  return word_ ? word_->at.boot + kAskAtLatest : Timestamp<Boot>{};
}

bool KernelReader::is_younger(const Moment& now, Duration age) const noexcept {
  const Duration found = now.boot - word_->at.boot;
  return found >= Duration{} && found < age;
}

bool KernelReader::is_void(const Moment& now) const noexcept {
  const Leap leap = word_->clock.leap;
  const bool leaps = leap == Leap::insert_second || leap == Leap::delete_second;
  const Duration age = now.boot - word_->at.boot;
  return leaps || magnitude((now.realtime - word_->at.realtime) - age) > kWasSet;
}

KernelClock KernelReader::at_hand(const Moment& now) const noexcept {
  if (word_ && holds(now, kWordHolds)) return grown(now);
  KernelClock untold;
  untold.failure = failure_;
  return untold;
}

KernelClock KernelReader::grown(const Moment& now) const noexcept {
  KernelClock clock = word_->clock;
  clock.max_error = clock.max_error + kGrowth * (second_of(now) - second_of(word_->at));
  return clock;
}

}  // namespace timecast
