// SPDX-License-Identifier: MIT
#include "listener/daemon/arrival_clock.hpp"

namespace timecast {

namespace {

// Between two readings of one moment, even where the machine was busy.
constexpr Duration kReadingNoise = Duration::microseconds(200);
// A stamp is older than the reading that follows it, but for the noise of one reading.
constexpr Duration kYoungest = -Duration::microseconds(20);
// After the clock was set: packets do not wait longer to be read.
constexpr Duration kQuarantine = Duration::milliseconds(100);
// From the arrival of a datagram to reading the clock in this program; 0.4 ms at p99 where nothing
// else runs.
constexpr Duration kReadLate = Duration::milliseconds(1);
// From the wire to the kernel's own stamp: an interrupt and what it waits for. Both hosts' stamps
// are so late; what they do not have in common looks like another time.
constexpr Duration kStampLate = Duration::microseconds(15);
// From the wire to the card's stamp, beside what its conversion may err.
constexpr Duration kHardwareLate = Duration::microseconds(1);
// A datagram does not wait longer for a program that still deserves its time.
constexpr Duration kOldest = Duration::seconds(1);

Duration gap(const Moment& m) noexcept { return offset_between(m.realtime, m.boot); }

}  // namespace

Duration ArrivalClock::look(const Moment& now) noexcept {
  const Duration moved = gap(now) - gap(now_);
  now_ = now;
  if (magnitude(moved) <= kReadingNoise) return Duration{};
  trusted_since_ = now.raw + kQuarantine;
  return moved;
}

std::optional<Moment> ArrivalClock::moment_of(Timestamp<Realtime> stamp) const noexcept {
  const Duration age = now_.realtime - stamp;
  if (age < kYoungest || age > kOldest) return std::nullopt;
  const Moment at = shifted(now_, -age);
  if (at.raw < trusted_since_) return std::nullopt;
  return at;
}

ArrivalClock::Instant ArrivalClock::arrival(Timestamp<Realtime> stamp, StampSource source,
                                            Duration conversion_error) const noexcept {
  const auto at = moment_of(stamp);
  if (!at) return {now_, kReadLate};
  switch (source) {
    case StampSource::user: return {*at, kReadLate};
    case StampSource::kernel: return {*at, kStampLate};
    case StampSource::hardware: return {*at, kHardwareLate + conversion_error};
  }
  return {now_, kReadLate};
}

}  // namespace timecast
