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

std::optional<Sample> Pairing::interleaved_sample(const HeardStamps& stamps) const noexcept {
  if (stamps.origin.is_unknown()) return std::nullopt;
  const Duration lateness = difference(stamps.origin, previous_.wire_transmit);
  if (lateness > kMaxLateness || lateness < -kMaxEarliness) return std::nullopt;
  const Timestamp<Announced> left = previous_.transmit + lateness;
  return Sample{previous_.arrival, offset_between(left, previous_.arrival), previous_.uncertainty};
}

std::optional<Sample> Pairing::on_announcement(const HeardStamps& stamps,
                                               bool consecutive) noexcept {
  std::optional<Sample> sample;
  if (has_previous_ && consecutive) sample = interleaved_sample(stamps);
  const bool was_interleaved = interleaved_;
  if (sample) {
    interleaved_ = true;
    unpaired_ = 0;
  } else if (interleaved_ && consecutive && ++unpaired_ >= kUnpairedLimit) {
    interleaved_ = false;
  }
  if (!interleaved_) {
    sample = Sample{stamps.arrival, offset_between(stamps.transmit, stamps.arrival),
                    stamps.uncertainty + kBasicUncertainty};
  }
  series_changed_ = has_previous_ && was_interleaved != interleaved_;
  previous_ = stamps;
  has_previous_ = true;
  return sample;
}

}  // namespace timecast
