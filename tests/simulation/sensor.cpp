// SPDX-License-Identifier: MIT
#include "tests/simulation/sensor.hpp"

#include <algorithm>

namespace timecast::sim {
namespace {

constexpr Duration kLookEvery = Duration::seconds(10);
constexpr std::uint8_t kIndex = 200;

ClockModel clock_of(const ListenerOptions& o) {
  return {o.offset, o.rate_ppm, o.wobble, o.wander, o.temperature_ppm, o.temperature_period};
}

int verify(const void* /*context*/, const std::uint8_t* key, const std::uint8_t* message,
           std::size_t length, const std::uint8_t* signature) {
  PublicKey public_key{};
  std::copy_n(key, public_key.size(), public_key.begin());
  Signature octets{};
  std::copy_n(signature, octets.size(), octets.begin());
  return toy_verifier()(public_key, {{message, length}, {}, {}}, octets) ? 1 : 0;
}

}  // namespace

Sensor::Sensor(World& world, const SensorOptions& options)
    : world_{world},
      options_{options},
      clock_{clock_of(options.host), world.seed_of_clock(kIndex)} {
  timecast_listener_config config{};
  config.size = sizeof config;
  static_cast<void>(timecast_listener_defaults(&config));
  config.verify = verify;
  config.listen_only = 1;
  config.delay_ns = options.delay.count_ns();
  config.delay_uncertainty_ns = options.delay_uncertainty.count_ns();
  config.learn_ns = options.learn.count_ns();
  config.sleep_ns = options.sleep.count_ns();
  config.listen_ns = options.listen.count_ns();
  static_cast<void>(timecast_listener_init(&listener_, sizeof listener_, &config));
  wake_.size = sizeof wake_;
  plan(counter_ns());
  world.on_air = [this](const AnnouncerNode& from) { on_air(from); };
}

std::int64_t Sensor::counter_ns() const {
  return clock_.at(world_.now()).raw.since_epoch().count_ns();
}

void Sensor::plan(std::int64_t now_ns) {
  static_cast<void>(timecast_listener_next_wake(&listener_, now_ns, &wake_));
}

bool Sensor::receives(std::int64_t at_ns) {
  while (at_ns >= wake_.at_ns && at_ns - wake_.at_ns >= wake_.listen_ns) {
    receiver_on_ += Duration::nanoseconds(wake_.listen_ns);
    plan(wake_.at_ns + wake_.listen_ns);
  }
  return at_ns >= wake_.at_ns;
}

void Sensor::on_air(const AnnouncerNode& from) {
  const Duration delay = options_.host.down(world_.random, world_.now());
  if (delay < Duration{}) return;
  world_.at(world_.now() + delay, [this, octets = from.last_packet(), endpoint = from.endpoint()] {
    hear(octets, endpoint);
  });
}

void Sensor::hear(const Datagram& octets, const Endpoint& from) {
  const std::int64_t now_ns = counter_ns();
  if (!receives(now_ns)) return;
  timecast_listener_arrival arrival{};
  arrival.size = sizeof arrival;
  arrival.at_ns = now_ns;
  arrival.from = {4, {}};
  std::copy_n(from.address.octets.begin(), 4, arrival.from.octets);
  arrival.to = {4, {239, 255, 123, 124}};
  arrival.from_port = from.port;
  arrival.hop_limit = 255;
  static_cast<void>(
      timecast_listener_on_announcement(&listener_, octets.data(), octets.size(), &arrival));
  receiver_on_ += Duration::nanoseconds(now_ns - wake_.at_ns);
  plan(now_ns);
}

void Sensor::look(SensorOutcome& outcome) const {
  timecast_listener_time time{};
  time.size = sizeof time;
  ++outcome.looks;
  if (timecast_listener_now(&listener_, counter_ns(), &time) != 0) {
    ++outcome.without_time;
    return;
  }
  const Duration truth = kEpoch + world_.now() + world_.announcers.front()->clock_error();
  const Duration error = magnitude(Duration::nanoseconds(time.time_ns) - truth);
  outcome.worst = std::max(outcome.worst, error);
  outcome.worst_bound = std::max(outcome.worst_bound, Duration::nanoseconds(time.bound_ns));
  if (error > Duration::nanoseconds(time.error_ns)) ++outcome.errors_broken;
  if (error > Duration::nanoseconds(time.bound_ns)) ++outcome.bounds_broken;
}

SensorOutcome Sensor::live(Duration span) {
  SensorOutcome outcome;
  const TrueTime end = world_.now() + span;
  world_.run_for(options_.learn);
  while (world_.now() < end) {
    world_.run_for(std::min(kLookEvery, end - world_.now()));
    look(outcome);
  }
  static_cast<void>(receives(counter_ns()));
  outcome.receiver_on = receiver_on_;
  timecast_listener_status status{};
  status.size = sizeof status;
  static_cast<void>(timecast_listener_get_status(&listener_, counter_ns(), &status));
  outcome.announcements = status.announcements;
  return outcome;
}

}  // namespace timecast::sim
