// SPDX-License-Identifier: MIT
#include "listener/core/pairing.hpp"

namespace timecast {
namespace {

// How much later than written a packet may have left. Announcers write a time that is ahead by the
// median lateness, so half of them leave somewhat early.
constexpr Duration kMaxLateness = Duration::milliseconds(100);
constexpr Duration kMaxEarliness = Duration::milliseconds(5);
// An announcer that has lost its transmit stamps for this long has gone back to basic.
constexpr std::uint8_t kUnpairedLimit = 3;
// A basic packet's written time is a guess about when it would leave.
constexpr Duration kBasicUncertainty = Duration::microseconds(20);

}  // namespace

std::optional<Sample> Pairing::on_announcement(const HeardStamps& stamps,
                                               bool consecutive) noexcept {
  Duration lateness = difference(stamps.origin, previous_.wire_transmit);
  const bool paired = has_previous_ && consecutive && !stamps.origin.is_unknown() &&
                      lateness <= kMaxLateness && lateness >= -kMaxEarliness;
  const bool was_interleaved = interleaved_;
  if (paired) {
    interleaved_ = true;
    unpaired_ = 0;
  } else if (interleaved_ && consecutive && ++unpaired_ >= kUnpairedLimit) {
    interleaved_ = false;
  }
  std::optional<Sample> sample;
  if (paired || !interleaved_) {
    const HeardStamps& of = paired ? previous_ : stamps;
    if (!paired) lateness = Duration{};
    sample = Sample{of.arrival, offset_between(of.transmit + lateness, of.arrival),
                    of.uncertainty + (paired ? Duration{} : kBasicUncertainty)};
  }
  series_changed_ = has_previous_ && was_interleaved != interleaved_;
  previous_ = stamps;
  has_previous_ = true;
  return sample;
}

}  // namespace timecast
