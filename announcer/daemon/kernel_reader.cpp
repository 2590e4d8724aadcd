// SPDX-License-Identifier: MIT
#include "announcer/daemon/kernel_reader.hpp"

#include <algorithm>

#include "common/host/clock_keeper.hpp"

namespace timecast {

namespace {

constexpr Duration kPatience = Duration::milliseconds(20);
constexpr Duration kAskAgain = Duration::seconds(1);
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
  if (word_ && holds(now, kWordHolds)) return grown(now);
  KernelClock untold;
  untold.failure = failure_;
  return untold;
}

bool KernelReader::holds(const Moment& now, Duration at_most) const noexcept {
  const Leap leap = word_->clock.leap;
  const Duration age = now.boot - word_->at.boot;
  const bool leaps = leap == Leap::insert_second || leap == Leap::delete_second;
  const bool was_set = magnitude((now.realtime - word_->at.realtime) - age) > kWasSet;
  return age >= Duration{} && age < at_most && !leaps && !was_set;
}

KernelClock KernelReader::grown(const Moment& now) const noexcept {
  KernelClock clock = word_->clock;
  clock.max_error = clock.max_error + kGrowth * (second_of(now) - second_of(word_->at));
  return clock;
}

}  // namespace timecast
