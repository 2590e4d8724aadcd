// SPDX-License-Identifier: MIT
//
// What a source lets one say about the time at one instant: offset, error, bound, state, reason.
//
// Builds:  freestanding.
// Source:  the states are docs/architecture.md's; root distance as RFC 5905 section 11.1.
#pragma once

#include <timecast/listener/config.hpp>
#include <timecast/listener/status.hpp>

#include "listener/core/source.hpp"

namespace timecast {

struct Quality {
  State state = State::searching;
  Reason reason = Reason::nothing_heard;
  Estimate estimate;  // announced clock minus CLOCK_MONOTONIC_RAW
  Duration error;
  Duration bound;
  Duration delay;       // one way, of announcements
  Duration round_trip;  // base delay of unicast, both ways; zero before an exchange
  Duration root_distance;
  bool lateness_bounded = false;
};

// REQUIRES: source.estimator.count() > 0.
[[nodiscard]] Quality judge(const Source& source, const ListenerConfig& config,
                            const Moment& now) noexcept;
// Until when the bound will have room to grow, at least. `quality` is judge() of the same.
[[nodiscard]] Timestamp<Boot> valid_until(const Quality& quality, const Source& source,
                                          const ListenerConfig& config, const Moment& now) noexcept;

}  // namespace timecast
