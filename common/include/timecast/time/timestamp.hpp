// SPDX-License-Identifier: MIT
//
// An instant on one named clock. Instants of different clocks are different types: their
// difference does not compile, except through offset_between().
//
// Units:   nanoseconds since the clock's epoch.
// Errors:  none; saturates with Duration.
// Builds:  freestanding, constexpr; pass by value.
#pragma once

#include <timecast/time/duration.hpp>

namespace timecast {

struct Realtime {};   // this host's CLOCK_REALTIME, Unix epoch; may be stepped and slewed
struct Raw {};        // this host's CLOCK_MONOTONIC_RAW; nobody steers it
struct Boot {};       // this host's CLOCK_BOOTTIME; counts suspend; deadlines and validity
struct Announced {};  // the announcer's UTC, Unix epoch

template <class Scale>
class Timestamp {
 public:
  constexpr Timestamp() noexcept = default;
  explicit constexpr Timestamp(Duration since_epoch) noexcept : since_epoch_{since_epoch} {}
  [[nodiscard]] constexpr Duration since_epoch() const noexcept { return since_epoch_; }

  friend constexpr Timestamp operator+(Timestamp t, Duration d) noexcept {
    return Timestamp{t.since_epoch_ + d};
  }
  friend constexpr Timestamp operator-(Timestamp t, Duration d) noexcept {
    return Timestamp{t.since_epoch_ - d};
  }
  friend constexpr Duration operator-(Timestamp a, Timestamp b) noexcept {  // one clock only
    return a.since_epoch_ - b.since_epoch_;
  }
  friend constexpr bool operator==(Timestamp a, Timestamp b) noexcept = default;
  friend constexpr bool operator<(Timestamp a, Timestamp b) noexcept {
    return a.since_epoch_ < b.since_epoch_;
  }
  friend constexpr bool operator>(Timestamp a, Timestamp b) noexcept { return b < a; }
  friend constexpr bool operator<=(Timestamp a, Timestamp b) noexcept { return !(b < a); }
  friend constexpr bool operator>=(Timestamp a, Timestamp b) noexcept { return !(a < b); }

 private:
  Duration since_epoch_;
};

// How far the first clock is ahead of the second. The only function that compares two clocks.
// Sign: RFC 5905 section 8 (server minus client).
template <class Theirs, class Ours>
constexpr Duration offset_between(Timestamp<Theirs> theirs, Timestamp<Ours> ours) noexcept {
  return theirs.since_epoch() - ours.since_epoch();
}

// One instant on the three clocks of this host.
struct Moment {
  Timestamp<Realtime> realtime;
  Timestamp<Raw> raw;
  Timestamp<Boot> boot;
};

// The same host, `later` (or earlier, if negative). Only for spans so short that the rates of the
// clocks do not matter: the age of a packet stamp, not the time between two packets.
constexpr Moment shifted(Moment m, Duration later) noexcept {
  return {m.realtime + later, m.raw + later, m.boot + later};
}

}  // namespace timecast
