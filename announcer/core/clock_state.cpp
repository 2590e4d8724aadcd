// SPDX-License-Identifier: MIT
#include "announcer/core/clock_state.hpp"

#include <algorithm>

namespace timecast {
namespace {

// An island's clock is right by definition; this is what its listeners may differ by unnoticed.
constexpr Duration kIslandDispersion = Duration::milliseconds(1);

}  // namespace

void ReferenceTime::observe(const ClockState& state, Timestamp<Announced> now) noexcept {
  const bool corrected = state.max_error < last_max_error_ || last_max_error_ == Duration::min();
  if (corrected || now < value_) value_ = now;
  last_max_error_ = state.max_error;
}

Header describe(const ClockState& state, const AnnouncerConfig& config,
                Timestamp<Announced> reference) noexcept {
  Header header;
  header.precision = config.precision;
  const Duration precision = config.precision.to_duration();
  const bool is_reference = config.island && state.stratum == 0;
  if (is_reference) {
    header.stratum = config.stratum;
    header.root_dispersion = NtpShort::at_least(precision + kIslandDispersion);
  } else if (state.synchronised && state.leap != Leap::unsynchronised &&
             state.stratum <= kMaxStratum) {
    header.leap = state.leap;
    header.stratum = state.stratum == 0 ? config.stratum : state.stratum;
    const Duration error = std::max(state.max_error, config.dispersion_floor);
    // Of the kernel's word all is dispersion: what part was root delay cannot be told any more.
    header.root_delay = NtpShort::at_least(state.root_delay);
    header.root_dispersion = NtpShort::at_least(error + precision);
  } else {
    header.leap = Leap::unsynchronised;
    header.stratum = kStratumUnspecified;
    header.root_dispersion = NtpShort::at_least(Duration::seconds(16));
    return header;
  }
  header.reference_id = config.reference_id;
  header.reference = to_ntp(reference);
  if (state.stratum == 0) return header;
  header.reference_id = state.reference_id;
  if (state.reference) header.reference = to_ntp(*state.reference);
  return header;
}

}  // namespace timecast
