// SPDX-License-Identifier: MIT
//
// A sensor on an emulated board that hears real announcements on a real link, through the C
// interface alone. A line for each: COUNTER TIME EARLIEST LATEST (seconds), ERROR (us), FREQUENCY
// (ppb), STATE. It has no Ed25519 and says so.
#include <stdio.h>

#include <timecast/listener.h>

#include <algorithm>
#include <array>
#include <optional>

#include "tests/embedded/firmware/drifting_counter.hpp"
#include "tests/embedded/firmware/lan9118.hpp"

namespace timecast::test {
namespace {

constexpr std::size_t kMostFrame = 1'536;
using Frame = std::span<const std::uint8_t>;

unsigned word_at(Frame frame, std::size_t offset) noexcept {
  return static_cast<unsigned>(frame[offset] << 8U | frame[offset + 1]);
}

// An IPv4 UDP datagram to the precise stream's port, and what there is to say of it.
struct Datagram {
  Frame octets;
  timecast_listener_arrival arrival;
};
std::optional<Datagram> datagram_in(Frame frame, std::int64_t at_ns) noexcept {
  constexpr std::size_t kEthernet = 14;
  constexpr std::size_t kUdp = 8;
  if (frame.size() < kEthernet + 20 + kUdp || word_at(frame, 12) != 0x0800) return std::nullopt;
  const Frame packet = frame.subspan(kEthernet);
  const std::size_t header = (packet[0] & 0xfU) * 4;
  if (packet[0] >> 4U != 4 || packet[9] != 17 || packet.size() < header + kUdp) return std::nullopt;
  const std::size_t length = word_at(packet, header + 4);
  if (word_at(packet, header + 2) != 11'123 || length < kUdp || packet.size() < header + length) {
    return std::nullopt;
  }
  Datagram found{packet.subspan(header + kUdp, length - kUdp), {}};
  found.arrival.size = sizeof found.arrival;
  found.arrival.interface = 1;
  found.arrival.at_ns = at_ns;
  found.arrival.from.family = found.arrival.to.family = 4;
  std::copy_n(&packet[12], 4, found.arrival.from.octets);
  std::copy_n(&packet[16], 4, found.arrival.to.octets);
  found.arrival.from_port = static_cast<std::uint16_t>(word_at(packet, header));
  found.arrival.hop_limit = packet[8];
  return found;
}

void print_seconds(std::int64_t ns) noexcept {
  printf("%ld.%09ld ", static_cast<long>(ns / 1'000'000'000),
         static_cast<long>(ns % 1'000'000'000));
}

void tell(const timecast_listener& listener, DriftingCounter& counter) noexcept {
  timecast_listener_time time{};
  time.size = sizeof time;
  timecast_listener_status status{};
  status.size = sizeof status;
  timecast_listener_get_status(&listener, counter.now_ns(), &status);
  const std::int64_t now_ns = counter.now_ns();
  if (timecast_listener_now(&listener, now_ns, &time) != 0) return;
  for (const std::int64_t ns : {now_ns, time.time_ns, time.earliest_ns, time.latest_ns}) {
    print_seconds(ns);
  }
  printf("%ld %ld %ld\n", static_cast<long>(time.error_ns / 1'000),
         static_cast<long>(status.frequency_ppt / 1'000), static_cast<long>(time.state));
  fflush(stdout);
}

int begin(timecast_listener& listener) noexcept {
  timecast_listener_config config{};
  config.size = sizeof config;
  timecast_listener_defaults(&config);
  config.signatures = TIMECAST_LISTENER_UNSIGNED;
  config.listen_only = 1;
  return timecast_listener_init(&listener, sizeof listener, &config);
}

int run() noexcept {
  static timecast_listener listener;
  static std::array<std::uint8_t, kMostFrame> frame;
  static DriftingCounter counter;
  static Lan9118 receiver;
  if (begin(listener) != 0) return 1;
  printf("listening\n");
  for (;;) {
    const std::size_t length = receiver.read(frame);
    const std::int64_t now_ns = counter.now_ns();
    if (length == 0) continue;
    const auto datagram = datagram_in(Frame{frame}.first(length), now_ns);
    if (!datagram) continue;
    const int refused = timecast_listener_on_announcement(
        &listener, datagram->octets.data(), datagram->octets.size(), &datagram->arrival);
    if (refused == 0) tell(listener, counter);
  }
}

}  // namespace
}  // namespace timecast::test

int main() { return timecast::test::run(); }
