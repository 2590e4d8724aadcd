// SPDX-License-Identifier: MIT
//
// Prints what the C interface costs on a Cortex-M4: a sensor that only listens, to two announcers,
// and checks no signatures.

#include <timecast/listener.h>

#include "tests/embedded/firmware/cost.hpp"
#include "tests/embedded/firmware/listener_life.hpp"

namespace timecast::test {
namespace {

constexpr int kTurns = 1'000;
constexpr int kAnnouncers = 2;

struct Costs {
  InstructionCounter counter;
  Cost datagram;
  Cost now;
  Cost wake;
  Cost save;
};

timecast_listener_arrival arrival_at(std::int64_t at_ns, int announcer) noexcept {
  timecast_listener_arrival arrival{};
  arrival.size = sizeof arrival;
  arrival.interface = 1;
  arrival.at_ns = at_ns;
  arrival.from = {4, {192, 0, 2, static_cast<std::uint8_t>(1 + announcer)}};
  arrival.to = {4, {239, 255, 123, 124}};
  arrival.from_port = 11'123;
  arrival.hop_limit = 255;
  return arrival;
}

void begin(timecast_listener& listener) noexcept {
  timecast_listener_config config{};
  config.size = sizeof config;
  timecast_listener_defaults(&config);
  config.signatures = TIMECAST_LISTENER_UNSIGNED;
  config.listen_only = 1;
  timecast_listener_init(&listener, sizeof listener, &config);
}

void ask(timecast_listener& listener, std::int64_t now_ns, Costs& costs) noexcept {
  static std::array<std::uint8_t, TIMECAST_LISTENER_SAVED_OCTETS> saved;
  timecast_listener_time time{};
  time.size = sizeof time;
  timecast_listener_wake wake{};
  wake.size = sizeof wake;
  costs.now.add(costs.counter, [&] { timecast_listener_now(&listener, now_ns, &time); });
  costs.wake.add(costs.counter, [&] { timecast_listener_next_wake(&listener, now_ns, &wake); });
  costs.save.add(costs.counter,
                 [&] { timecast_listener_save(&listener, saved.data(), saved.size()); });
}

void run() noexcept {
  static Costs costs;
  static timecast_listener listener;
  static Traffic traffic;
  static std::array<Announcer, kAnnouncers> announcers{Announcer{1}, Announcer{2}};
  std::int64_t now_ns = 0;
  begin(listener);
  for (int turn = 0; turn < kTurns; ++turn) {
    const Turn next = traffic.next(Eagerness::rare);
    if (!next.heard) continue;
    now_ns = next.announcement.at.since_epoch().count_ns();
    for (int i = 0; i < kAnnouncers; ++i) {
      const Datagram octets = announcers[static_cast<std::size_t>(i)].announce(next.announcement);
      const timecast_listener_arrival arrival = arrival_at(now_ns, i);
      costs.datagram.add(costs.counter, [&] {
        timecast_listener_on_announcement(&listener, octets.data(), octets.size(), &arrival);
      });
    }
    ask(listener, now_ns, costs);
  }
  timecast_listener_status status{};
  status.size = sizeof status;
  timecast_listener_get_status(&listener, now_ns, &status);
  print_check(costs.counter);
  costs.datagram.print("timecast_listener_on_announcement()");
  costs.now.print("timecast_listener_now()");
  costs.wake.print("timecast_listener_next_wake()");
  costs.save.print("timecast_listener_save()");
  print_figure("sizeof", "timecast_listener", sizeof listener);
  print_figure("check", "sensor_announcements", status.announcements);
}

}  // namespace
}  // namespace timecast::test

int main() {
  timecast::test::run();
  return 0;
}
