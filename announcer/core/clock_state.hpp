// SPDX-License-Identifier: MIT
//
// What this host's clock is worth, and the header fields that say so.
//
// An announcer tells the truth about its own clock: another program sets it, the kernel keeps what
// that program knows, or that program tells it itself; and it is read again before every packet.
//
// Builds:  freestanding.
// Source:  RFC 5905 section 7.3; adjtimex(2).
#pragma once

#include <optional>

#include <timecast/time/timestamp.hpp>

#include "announcer/core/config.hpp"

namespace timecast {

struct ClockState {
  bool synchronised = false;  // somebody vouches for the clock
  Leap leap = Leap::none;     // of the kernel's leap state
  Duration max_error;         // bound that the disciplining program gave, grown since
  // What the kernel does not know, and that program may say itself. Stratum 0: it is not known, so
  // the configured one and its reference id hold.
  std::uint8_t stratum = 0;
  ReferenceId reference_id{};
  Duration root_delay;                            // max_error does not contain half of it then
  std::optional<Timestamp<Announced>> reference;  // when this clock was last corrected
};

// When the clock was last corrected: the bound grows by itself and shrinks only then.
class ReferenceTime {
 public:
  void observe(const ClockState& state, Timestamp<Announced> now) noexcept;
  [[nodiscard]] Timestamp<Announced> value() const noexcept { return value_; }

 private:
  Timestamp<Announced> value_;
  Duration last_max_error_ = Duration::min();
};

// Leap, stratum, precision, root delay and dispersion, reference id and time; the rest is default.
// An unsynchronised clock gives leap 3 and stratum 0.
[[nodiscard]] Header describe(const ClockState& state, const AnnouncerConfig& config,
                              Timestamp<Announced> reference) noexcept;

}  // namespace timecast
