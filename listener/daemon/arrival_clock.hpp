// SPDX-License-Identifier: MIT
//
// Says on all clocks when a packet arrived or left. It is stamped with CLOCK_REALTIME alone;
// its age on that clock puts it on the others, unless the clock was set in between.
//
// Whether it was set: CLOCK_REALTIME and CLOCK_BOOTTIME are steered together, at any rate, so only
// setting moves them against each other.
//
// Threads: one.
#pragma once

#include <optional>

#include <timecast/time/timestamp.hpp>

#include "common/host/packet_stamp.hpp"

namespace timecast {

class ArrivalClock {
 public:
  struct Instant {
    Moment at;
    Duration uncertainty;  // how much earlier it may truly have been
  };

  explicit ArrivalClock(const Moment& now) noexcept : now_{now} {}

  // Before a stamp is converted, and now and then. Returns by how much CLOCK_REALTIME was set since
  // the last look; zero if it was not.
  Duration look(const Moment& now) noexcept;

  // The instant of a stamp; nothing if it can be of another timeline.
  [[nodiscard]] std::optional<Moment> moment_of(Timestamp<Realtime> stamp) const noexcept;

  // The same for a datagram that has just been read, which certainly arrived before.
  [[nodiscard]] Instant arrival(Timestamp<Realtime> stamp, StampSource source,
                                Duration conversion_error = Duration{}) const noexcept;

 private:
  Moment now_;                    // of the last look
  Timestamp<Raw> trusted_since_;  // stamps from before it can be of another timeline
};

}  // namespace timecast
