// SPDX-License-Identifier: MIT
//
// Very many listeners of one announcer, and what happens to all of them at once.
#pragma once

#include <cstdint>

#include <timecast/time/duration.hpp>

namespace timecast::sim {

enum class CrowdEvent : std::uint8_t {
  announcer_starts,  // where all of them have been waiting for one
  power_returns,     // all hosts boot within twenty seconds, the announcer's in between
  network_heals,     // after ten minutes in which nothing was heard
};

struct CrowdOutcome {
  std::uint32_t most_queries = 0;  // in any one second, as they reach the announcer
  std::uint32_t queries = 0;       // in the two minutes
  std::uint32_t refused = 0;       // of them, by the rate limit or for anything else
  std::uint32_t announcements = 0;
  Duration widest_spread;   // that was announced
  std::uint32_t never = 0;  // listeners that were not synchronised within the two minutes
  Duration half;            // until half of them were synchronised
  Duration all;             // until all were
};

// The two minutes from the first announcement on that can be heard.
[[nodiscard]] CrowdOutcome watch_crowd(CrowdEvent event, std::uint32_t listeners,
                                       std::uint64_t seed);

}  // namespace timecast::sim
