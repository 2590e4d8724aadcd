// SPDX-License-Identifier: MIT
//
// What became of a listener in a stretch of simulated time.
#pragma once

#include <algorithm>

#include "tests/simulation/world.hpp"

namespace timecast::sim {

struct Outcome {
  int seconds_to_synchronised = -1;
  int errors_broken = 0;  // seconds in which the truth lay outside error
  int bounds_broken = 0;
  // The same while the delay is only assumed: such a bound is as good as the assumption.
  int assumptions_broken = 0;
  int seconds_watched = 0;
  Duration worst;  // after the first two minutes
};

inline Outcome watch(World& world, ListenerNode& listener, Duration span) {
  Outcome outcome;
  world.watch(span, [&] {
    ++outcome.seconds_watched;
    const ListenerStatus status = listener.status();
    if (status.state == State::searching) return;
    const Duration error = magnitude(listener.error());
    if (error > status.error) ++outcome.errors_broken;
    if (error > status.bound) {
      ++(status.lateness_bounded ? outcome.bounds_broken : outcome.assumptions_broken);
    }
    if (status.state == State::synchronised && outcome.seconds_to_synchronised < 0) {
      outcome.seconds_to_synchronised = outcome.seconds_watched;
    }
    if (outcome.seconds_watched > 120) outcome.worst = std::max(outcome.worst, error);
  });
  return outcome;
}

}  // namespace timecast::sim
