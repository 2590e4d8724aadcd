// SPDX-License-Identifier: MIT
//
// A board that only listens, by the C interface, and has its receiver on when that says so. It
// hears whatever announcer of a world it is within reach of.
#pragma once

#include <timecast/listener.h>

#include "tests/simulation/scenarios.hpp"

namespace timecast::sim {

struct SensorOptions {
  ListenerOptions host;  // its oscillator, and how packets reach it
  Duration learn = Duration::seconds(300);
  Duration sleep = Duration::seconds(600);
  Duration listen = Duration::milliseconds(1'200);
  Duration delay = Duration::milliseconds(1);  // that it assumes, and how wrong it may be
  Duration delay_uncertainty = Duration::milliseconds(10);
};

// Against the truth, each time it was looked at.
struct SensorOutcome {
  int looks = 0;
  int without_time = 0;
  int errors_broken = 0;
  int bounds_broken = 0;
  Duration worst;
  Duration worst_bound;
  Duration receiver_on;
  std::uint32_t announcements = 0;
  [[nodiscard]] double share_on(Duration of) const {
    return receiver_on.to_seconds() / of.to_seconds();
  }
};

class Sensor {
 public:
  // The world must end before it does.
  Sensor(World& world, const SensorOptions& options);
  Sensor(const Sensor&) = delete;
  Sensor& operator=(const Sensor&) = delete;

  // Lives for a span; looks every ten seconds once it has learnt.
  [[nodiscard]] SensorOutcome live(Duration span);

 private:
  [[nodiscard]] std::int64_t counter_ns() const;
  void on_air(const AnnouncerNode& from);
  void hear(const Datagram& octets, const Endpoint& from);
  // Lets waits end that are over by then. Whether the receiver is on.
  [[nodiscard]] bool receives(std::int64_t at_ns);
  void plan(std::int64_t now_ns);
  void look(SensorOutcome& outcome) const;

  World& world_;
  SensorOptions options_;
  HostClock clock_;
  timecast_listener listener_{};
  timecast_listener_wake wake_{};
  Duration receiver_on_;
};

}  // namespace timecast::sim
