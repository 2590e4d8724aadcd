// SPDX-License-Identifier: MIT
//
// What a plain linear filter makes of the same packets: the measure for whatever is more clever.
//
// Two states, the announcer's clock against the raw clock less the mean delay, and its rate; told
// the variance of the delay and the oscillator's wander; what lies further away than four
// deviations is left out. The base delay is the mean of half the round trips.
//
// Units:   doubles in seconds, on differences only.
// Source:  R. E. Kalman 1960; white noise of the rate, integrated exactly.
#pragma once

#include "tests/simulation/world.hpp"

namespace timecast::sim {

// What the filter is told, because it cannot learn it.
struct Told {
  double deviation_s = 10e-6;  // of an announcement's delay
  double exchange_deviation_s = 10e-6;
  double wander = 1e-9;
};

class LinearFilter final : public Witness {
 public:
  explicit LinearFilter(const Told& told) : told_{told} {}

  void on_announcement(Timestamp<Raw> arrived, Duration ahead) override;
  void on_exchange(Timestamp<Raw> sent, Duration forward, Timestamp<Raw> received,
                   Duration back) override;

  // Announcer's clock minus the raw clock; nothing before both were heard of.
  [[nodiscard]] std::optional<Duration> ahead(Timestamp<Raw> now) const;

 private:
  void start(Timestamp<Raw> at, Duration ahead);
  void pass(double seconds);

  Told told_;
  bool started_ = false;
  Timestamp<Raw> at_;
  Duration origin_;  // x is the distance from it
  double x_ = 0;
  double f_ = 0;
  double pxx_ = 0;
  double pxf_ = 0;
  double pff_ = 0;
  int gated_ = 0;

  double half_round_trip_s_ = 0;  // mean
  int exchanges_ = 0;
  int odd_exchanges_ = 0;
};

}  // namespace timecast::sim
