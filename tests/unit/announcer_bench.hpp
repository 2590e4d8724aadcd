// SPDX-License-Identifier: MIT
//
// An announcer on a host whose clocks a test moves by hand.
#pragma once

#include <doctest/doctest.h>

#include <optional>
#include <ostream>
#include <string_view>
#include <vector>

#include "announcer/core/announcer.hpp"
#include "tests/simulation/random.hpp"
#include "tests/simulation/toy_signer.hpp"

namespace timecast::test {

inline constexpr ClockState kGoodClock{true, Leap::none, Duration::milliseconds(1)};
inline constexpr ClockState kBadClock{false, Leap::none, Duration::seconds(16)};

// What went out, taken apart.
struct Sent {
  std::vector<std::uint8_t> octets;
  Header header;
  std::optional<Announcement> announcement;
  StreamId stream = kNoStream;
  SendToken token = 0;
  AnnouncedMoment at;
};

class AnnouncerBench {
 public:
  explicit AnnouncerBench(AnnouncerConfig config = {}, std::uint64_t seed = 1)
      : random{seed}, core{completed(config)} {
    AccessList access;
    REQUIRE(access.allow({Address::ipv4(192, 0, 2, 0), 24}));
    REQUIRE(access.allow({Address{Family::ipv6, {0xFE, 0x80}}, 64}));
    core.set_access(access);
  }

  StreamId add(StreamKind kind) { return core.add_stream(kind, now.host.boot).value(); }

  void pass(Duration span) {
    now.announced = now.announced + span;
    now.host = shifted(now.host, span);
  }
  void step_clock(Duration by) {
    now.announced = now.announced + by;
    now.host.realtime = now.host.realtime + by;
  }

  // Waits for the next deadline and returns what is sent then.
  std::optional<Sent> next() {
    pass(std::max(core.next_deadline().value() - now.host.boot, Duration{}));
    const auto packet = core.on_deadline(now, clock);
    if (!packet) return std::nullopt;
    return taken_apart(*packet);
  }
  // The same packet's stamp comes back `late` after its clock reading.
  Sent next_stamped(Duration late) {
    Sent sent = next().value();
    core.on_transmitted(sent.token, sent.at.announced + late);
    return sent;
  }

  std::optional<Sent> ask(const std::vector<std::uint8_t>& octets, const Endpoint& from,
                          const Endpoint& to, StreamId stream = kNoStream) {
    const auto reply = core.on_query({octets, now.announced - age, from, to, stream}, now, clock);
    if (!reply) return std::nullopt;
    return taken_apart(*reply);
  }

  sim::Random random;
  AnnouncedMoment now{
      Timestamp<Announced>{Duration::seconds(1'793'491'200)},
      {Timestamp<Realtime>{Duration::seconds(1'793'491'200)},
       Timestamp<Raw>{Duration::seconds(4'000)}, Timestamp<Boot>{Duration::seconds(5'000)}}};
  ClockState clock = kGoodClock;
  Duration age = Duration::microseconds(50);  // of requests
  Announcer core;

 private:
  AnnouncerConfig completed(AnnouncerConfig config) {
    config.entropy = random.entropy();
    if (config.signer.sign == nullptr) config.signer = sim::toy_signer(7);
    return config;
  }
  [[nodiscard]] Sent taken_apart(const Transmission& packet) const {
    Sent sent{
        {packet.octets.begin(), packet.octets.end()}, {}, {}, packet.stream, packet.token, now};
    const auto decoded = decode(sent.octets);
    REQUIRE(decoded.has_value());
    sent.header = decoded->header;
    if (const auto found = find_announcement(*decoded)) sent.announcement = *found;
    return sent;
  }
};

}  // namespace timecast::test
