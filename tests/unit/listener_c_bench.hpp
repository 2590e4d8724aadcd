// SPDX-License-Identifier: MIT
//
// A listener behind its C interface on a board with one counter, and what it is told.
#pragma once

#include <timecast/listener.h>

#include <array>

#include "tests/unit/listener_bench.hpp"

namespace timecast::test {

template <class Struct>
Struct sized() {
  Struct made{};
  made.size = sizeof made;
  return made;
}

// The toys' check: any C function of this form will do.
inline int verify_toy(const void* /*context*/, const std::uint8_t* key, const std::uint8_t* message,
                      std::size_t length, const std::uint8_t* signature) {
  PublicKey public_key{};
  std::copy_n(key, public_key.size(), public_key.begin());
  Signature octets{};
  std::copy_n(signature, octets.size(), octets.begin());
  const SignedMessage parts{{message, 25}, {}, {message + 25, length - 25}};
  return sim::toy_verifier()(public_key, parts, octets) ? 1 : 0;
}

inline void count_up(void* context, std::uint8_t* out, std::size_t length) {
  auto& next = *static_cast<std::uint8_t*>(context);
  for (std::size_t i = 0; i < length; ++i) out[i] = next = static_cast<std::uint8_t>(next + 101);
}

// Listens only, checks the toys' signatures.
inline timecast_listener_config sensor_config() {
  auto config = sized<timecast_listener_config>();
  REQUIRE(timecast_listener_defaults(&config) == 0);
  config.verify = verify_toy;
  config.listen_only = 1;
  config.not_before_ns = (kEpoch - Duration::seconds(86'400)).count_ns();
  return config;
}

class SensorBench {
 public:
  explicit SensorBench(const timecast_listener_config& config = sensor_config()) {
    REQUIRE(timecast_listener_init(&listener, sizeof listener, &config) == 0);
  }

  void pass(Duration span) { counter = counter + span; }
  [[nodiscard]] std::int64_t now_ns() const { return counter.count_ns(); }
  // The counter's zero is the epoch, less what the announcer is ahead.
  [[nodiscard]] std::int64_t truth_ns(const ScriptedAnnouncer& announcer) const {
    return (kEpoch + counter + announcer.ahead).count_ns();
  }
  [[nodiscard]] timecast_listener_arrival arrival(const ScriptedAnnouncer& announcer) const {
    auto arrival = sized<timecast_listener_arrival>();
    arrival.interface = 1;
    arrival.at_ns = now_ns();
    arrival.from = {4, {192, 0, 2, announcer.key}};
    arrival.to = {4, {239, 255, 123, 124}};
    arrival.from_port = 11'123;
    arrival.hop_limit = 255;
    return arrival;
  }
  [[nodiscard]] Moment moment() const {
    return {Timestamp<Realtime>{kEpoch + counter}, Timestamp<Raw>{counter},
            Timestamp<Boot>{counter}};
  }
  int hear(ScriptedAnnouncer& announcer) {
    const Datagram octets = announcer.announce(moment());
    const auto from = arrival(announcer);
    return timecast_listener_on_datagram(&listener, octets.data(), octets.size(), &from);
  }
  // One announcement a second.
  void live(ScriptedAnnouncer& announcer, int seconds) {
    for (int i = 0; i < seconds; ++i) {
      CHECK(hear(announcer) == 0);
      pass(Duration::seconds(1));
    }
  }
  [[nodiscard]] timecast_listener_time time() const {
    auto time = sized<timecast_listener_time>();
    static_cast<void>(timecast_listener_now(&listener, now_ns(), &time));
    return time;
  }
  [[nodiscard]] timecast_listener_status status() const {
    auto status = sized<timecast_listener_status>();
    CHECK(timecast_listener_get_status(&listener, now_ns(), &status) == 0);
    return status;
  }
  timecast_listener_wake wake() {
    auto wake = sized<timecast_listener_wake>();
    CHECK(timecast_listener_next_wake(&listener, now_ns(), &wake) == 0);
    return wake;
  }

  Duration counter = Duration::seconds(5);
  timecast_listener listener{};
};

}  // namespace timecast::test
