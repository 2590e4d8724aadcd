// SPDX-License-Identifier: MIT
#include "listener/daemon/arrival_clock.hpp"

#include <timecast/time/frequency.hpp>

#include "common/host/host_clock.hpp"

namespace timecast {

namespace {

// What steering may do between two wake-ups: adjtimex() allows 500 ppm by frequency.
constexpr FrequencyPpb kMaxSlew{500'000};
constexpr Duration kReadingNoise = Duration::milliseconds(1);
// From the arrival of a datagram to reading the clock in this program; 0.4 ms at p99 where nothing
// else runs.
constexpr Duration kReadLate = Duration::milliseconds(1);
// A datagram does not wait longer for a program that still deserves its time.
constexpr Duration kOldest = Duration::seconds(1);

Duration gap(const Moment& m) noexcept { return offset_between(m.realtime, m.raw); }

}  // namespace

bool ArrivalClock::on_wake_up(const Moment& now) noexcept {
  bool jumped = false;
  if (now_) {
    const Duration elapsed = now.raw - now_->raw;
    const Duration moved = magnitude(gap(now) - gap(*now_));
    jumped = moved > kReadingNoise + kMaxSlew.over(elapsed);
  }
  if (jumped) trusted_since_ = now.raw;
  now_ = now;
  return jumped;
}

ArrivalClock::Instant ArrivalClock::instant_of(Timestamp<Realtime> stamp,
                                               bool is_kernel_stamp) const noexcept {
  const Duration age = now_->realtime - stamp;
  const Moment at = moment_of(stamp, *now_);
  const bool believable = age >= -kReadingNoise && age <= kOldest && at.raw >= trusted_since_;
  if (!believable) return {*now_, kReadLate};
  return {at, is_kernel_stamp ? Duration{} : kReadLate};
}

}  // namespace timecast
