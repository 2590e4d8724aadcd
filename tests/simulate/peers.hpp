// SPDX-License-Identifier: MIT
//
// What others reach on the same scenarios, to stand beside ours.
//
// Source:  the real daemons on simulated clocks and networks (clknetsim 134028f): chronyd from git
//          at 8f2db83 (2026-06), "tuned" with `maxdelayquant 0.1`; ntpd 4.2.8p18. Ten seeds,
//          12 hours, from 2 h on, as ours. They ask as often as we announce, ntpd every 16 s at
//          most. The floor is what a particle filter that is told everything reaches (3000
//          particles); in holdover, what the oscillator's own wander amounts to.
#pragma once

#include <optional>
#include <string_view>

#include "tests/simulation/score.hpp"

namespace timecast::simulate {

using Figure = std::optional<double>;

struct Peer {
  Figure rms_us = {};
  Figure p99_us = {};
  Figure rate_ppb = {};
  std::array<Figure, sim::kLimitsUs.size()> cold_s = {};
  std::array<Figure, sim::kLimitsUs.size()> after_step_s = {};
  std::array<Figure, sim::kHoldoverSeconds.size()> holdover_us = {};
};

struct Peers {
  Peer chronyd;
  Peer chronyd_tuned;
  Peer ntpd;
  Peer floor;
};

// Empty where nobody was measured. `interval`: of announcements.
[[nodiscard]] Peers peers_on(std::string_view scenario, Duration interval);

inline constexpr std::string_view kPeersSource =
    "chronyd (git 8f2db83; tuned: maxdelayquant 0.1) and ntpd (4.2.8p18): the real programs in "
    "clknetsim (134028f) on the same scenarios, ten seeds, 12 hours; they ask as often as timecast "
    "announces, ntpd every 16 s at most. Floor: a particle filter that is told the noise, the "
    "wander and the base delay.";

}  // namespace timecast::simulate
