// SPDX-License-Identifier: MIT
//
// Both cores on simulated links: what a listener must find, and when.
#include <doctest/doctest.h>

#include <ostream>
#include <string_view>

#include "tests/simulation/links.hpp"
#include "tests/simulation/outcome.hpp"

namespace timecast::sim {
namespace {

Duration us(std::int64_t n) { return Duration::microseconds(n); }

}  // namespace

TEST_CASE("sim: a listener finds an announcer's offset and rate on every kind of link") {
  struct Row {
    std::string_view name;
    Delay link;
    Duration worst;
    int synchronised_within;
  };
  const Row rows[] = {
      {"wired", exponential(us(100), us(10)), us(15), 8},
      {"wired, one packet in five lost", lossy(0.2, exponential(us(100), us(10))), us(20), 30},
      {"wireless", exponential(us(1000), us(1000)), us(1500), 10},
      {"ideal", constant(us(50)), us(1), 8},
  };
  for (const Row& row : rows) {
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
      CAPTURE(row.name);
      const std::uint64_t used = seed_from_environment_or(seed);
      CAPTURE(used);
      World world{used};
      world.add_announcer({});
      auto& listener = world.add_listener({.offset = Duration::milliseconds(-700),
                                           .rate_ppm = -42,
                                           .down = row.link,
                                           .up = row.link});
      const Outcome outcome = watch(world, listener, Duration::seconds(1'200));

      CHECK(outcome.seconds_to_synchronised > 0);
      CHECK(outcome.seconds_to_synchronised <= row.synchronised_within);
      CHECK(outcome.worst <= row.worst);
      CHECK(outcome.bounds_broken == 0);
      CHECK(outcome.errors_broken <= outcome.seconds_watched / 1000);
      CHECK(magnitude(listener.status().offset - Duration::milliseconds(700)) <
            Duration::milliseconds(60));  // 42 ppm over 20 minutes: 50 ms
    }
  }
}

TEST_CASE("sim: another way, longer and rougher, costs no time") {
  const Delay usual = exponential(us(100), us(10));
  const Delay other = within({Duration::seconds(1'000), Duration::seconds(2'500)},
                             exponential(us(500), us(100)), usual);
  World world{seed_from_environment_or(1)};
  world.add_announcer({});
  auto& listener = world.add_listener({.down = other, .up = other});
  const Outcome outcome = watch(world, listener, Duration::seconds(3'600));
  CHECK(outcome.worst <= us(20));
  CHECK(outcome.bounds_broken == 0);
  CHECK(outcome.errors_broken <= outcome.seconds_watched / 1000);
}

TEST_CASE("sim: the reported frequency is the announcer's rate against this host's") {
  World world{seed_from_environment_or(3)};
  world.add_announcer({.clock = {Duration{}, 12.5, {}}});
  auto& listener = world.add_listener({.rate_ppm = -20});
  world.run_for(Duration::seconds(300));
  CHECK(listener.status().frequency.count_ppb() == doctest::Approx(32'500).epsilon(0.02));
}

TEST_CASE("sim: without transmit stamps the listener works from the written times") {
  World world{seed_from_environment_or(4)};
  world.add_announcer({.transmit_stamps = false});
  auto& listener = world.add_listener({});
  const Outcome outcome = watch(world, listener, Duration::seconds(300));
  CHECK(outcome.seconds_to_synchronised > 0);
  CHECK(outcome.bounds_broken == 0);
  CHECK_FALSE(listener.status().interleaved);
  // Every time that the announcer writes is 40 us early, its replies' too: half of that remains.
  CHECK(outcome.worst < us(40));
}

TEST_CASE("sim: that replies leave at random times after they were written costs nothing") {
  World world{seed_from_environment_or(13)};
  world.add_announcer({.sending = exponential(us(60), us(60))});
  auto& listener = world.add_listener({});
  const Outcome outcome = watch(world, listener, Duration::seconds(600));
  CHECK(outcome.seconds_to_synchronised <= 8);
  CHECK(outcome.bounds_broken == 0);
  CHECK(outcome.worst < us(12));  // as on a wired link without
}

TEST_CASE("sim: a listener that may not send stays tentative and says that lateness has no limit") {
  World world{seed_from_environment_or(5)};
  world.add_announcer({});
  auto& listener = world.add_listener({.listen_only = true});
  const Outcome outcome = watch(world, listener, Duration::seconds(300));
  const ListenerStatus status = listener.status();
  CHECK(outcome.seconds_to_synchronised == -1);
  CHECK(status.state == State::tentative);
  CHECK(status.reason == Reason::listen_only);
  CHECK_FALSE(status.lateness_bounded);
  CHECK(status.queries == 0);
  CHECK(outcome.assumptions_broken == 0);
}

TEST_CASE("sim: an announcer that never answers leaves the listener tentative") {
  World world{seed_from_environment_or(6)};
  world.add_announcer({.answers = false});
  auto& listener = world.add_listener({});
  world.run_for(Duration::seconds(120));
  CHECK(listener.status().state == State::tentative);
  CHECK(listener.status().reason == Reason::delay_unverified);
  CHECK(listener.status().queries >= 3);
  CHECK(listener.status().queries <= 12);  // it backs off
}

TEST_CASE("sim: in silence the bound grows and holds; too large a bound is lost time") {
  World world{seed_from_environment_or(7)};
  auto& announcer = world.add_announcer({});
  auto& listener = world.add_listener({});
  world.run_for(Duration::seconds(120));
  REQUIRE(listener.status().state == State::synchronised);

  announcer.silent = true;
  world.run_for(Duration::seconds(5));
  CHECK(listener.status().state == State::holdover);
  CHECK(listener.status().reason == Reason::silence);
  Duration last_bound;
  bool grew = true;
  bool held = true;
  world.watch(Duration::seconds(3'600), [&] {
    const ListenerStatus status = listener.status();
    grew = grew && status.bound > last_bound;
    held = held && magnitude(listener.error()) <= status.bound;
    last_bound = status.bound;
  });
  CHECK(grew);
  CHECK(held);

  const Timestamp<Boot> valid_until = listener.status().valid_until;
  const Duration left = valid_until - listener.now().boot;
  world.run_for(left);
  CHECK(listener.status().state == State::holdover);
  world.run_for(left / 20);  // the promise may be short by so much, and never too long
  CHECK(listener.status().state == State::lost);
  CHECK(listener.status().reason == Reason::bound_too_large);

  announcer.silent = false;
  world.run_for(Duration::seconds(30));
  CHECK(listener.status().state == State::synchronised);
}

TEST_CASE("sim: who announces for days is followed for days") {
  World world{seed_from_environment_or(13)};
  world.add_announcer({.interval = Duration::seconds(64)});
  auto& listener = world.add_listener({});
  for (int day = 1; day <= 3; ++day) {
    CAPTURE(day);
    world.run_for(Duration::seconds(86'400));
    CHECK(listener.status().state == State::synchronised);
    CHECK(magnitude(listener.error()) < Duration::microseconds(100));
  }
}

TEST_CASE("sim: an unsynchronised announcer is a sign of life and no source of time") {
  World world{seed_from_environment_or(8)};
  auto& announcer = world.add_announcer({.state = {false, Leap::none, Duration::seconds(16)}});
  auto& listener = world.add_listener({});
  world.run_for(Duration::seconds(20));
  CHECK(listener.status().state == State::searching);
  CHECK(listener.status().reason == Reason::announcer_unsynchronised);

  announcer.options.state = {true, Leap::none, Duration::milliseconds(1)};
  world.run_for(Duration::seconds(20));
  CHECK(listener.status().state == State::synchronised);
}

TEST_CASE("sim: a step of the announcer's clock is followed at once when it says so") {
  for (const std::int64_t step_ms : {50, -800, 3'600'000}) {
    CAPTURE(step_ms);
    World world{seed_from_environment_or(9)};
    auto& announcer = world.add_announcer({});
    auto& listener = world.add_listener({});
    world.run_for(Duration::seconds(120));
    announcer.step_clock(Duration::milliseconds(step_ms));
    world.run_for(Duration::seconds(6));
    CHECK(magnitude(listener.error()) < Duration::milliseconds(1));
    CHECK(magnitude(listener.error()) <= listener.status().bound);
  }
}

TEST_CASE("sim: suspend does not poison the estimate") {
  World world{seed_from_environment_or(10)};
  world.add_announcer({});
  auto& listener = world.add_listener({});
  world.run_for(Duration::seconds(120));
  listener.slept += Duration::seconds(40);  // the raw clock stood still, the others did not
  world.run_for(Duration::seconds(10));
  CHECK(listener.status().state == State::synchronised);
  CHECK(magnitude(listener.error()) < us(100));
}

TEST_CASE("sim: replayed, altered and foreign packets change nothing but counters") {
  World world{seed_from_environment_or(11)};
  auto& announcer = world.add_announcer({});
  auto& listener = world.add_listener({});
  world.run_for(Duration::seconds(60));
  const auto recorded = announcer.last_packet();
  world.run_for(Duration::seconds(60));

  const auto same_but_for_counters = [](ListenerStatus a, ListenerStatus b) {
    return a.offset == b.offset && a.error == b.error && a.bound == b.bound && a.state == b.state &&
           a.delay == b.delay && a.announcements == b.announcements && a.sources == b.sources &&
           a.valid_until == b.valid_until && a.exchanges == b.exchanges;
  };
  auto altered = announcer.last_packet();
  altered[45] ^= 1U;
  altered[107] = static_cast<std::uint8_t>(altered[107] + 9);  // a sequence not heard yet
  auto shortened = announcer.last_packet();
  shortened.resize(168);
  struct Row {
    std::string_view name;
    std::vector<std::uint8_t> octets;
    std::uint8_t hop_limit;
    Reject expected;
  };
  const Row rows[] = {
      {"an old packet again", recorded, 255, Reject::replayed},
      {"the last packet again", announcer.last_packet(), 255, Reject::duplicate},
      {"a forged time", altered, 255, Reject::bad_signature},
      {"through a router", announcer.last_packet(), 254, Reject::bad_hop_limit},
      {"a field cut short", shortened, 255, Reject::bad_field_length},
      {"a plain NTP broadcast",
       {announcer.last_packet().begin(), announcer.last_packet().begin() + 48},
       255,
       Reject::no_announcement},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    const ListenerStatus before = listener.status();
    listener.hear(row.octets, announcer.endpoint(), row.hop_limit);
    const ListenerStatus after = listener.status();
    CHECK(after.rejected[row.expected] == before.rejected[row.expected] + 1);
    CHECK(after.rejected.total() == before.rejected.total() + 1);
    CHECK(same_but_for_counters(before, after));
  }
  world.run_for(Duration::seconds(10));
  CHECK(listener.status().state == State::synchronised);
  CHECK(magnitude(listener.error()) < us(20));
}

TEST_CASE("sim: of two announcers the first is followed until it falls silent") {
  World world{seed_from_environment_or(12)};
  auto& first = world.add_announcer({});
  world.add_announcer({.key = 2});
  auto& listener = world.add_listener({});
  world.run_for(Duration::seconds(60));
  const PublicKey incumbent = listener.status().key;
  CHECK(listener.status().sources == 2);

  auto& silenced = incumbent == toy_signer(1).key ? first : *world.announcers[1];
  silenced.silent = true;
  world.run_for(Duration::seconds(5));
  CHECK(listener.status().state == State::synchronised);
  CHECK(listener.status().key != incumbent);
  CHECK(magnitude(listener.error()) < us(50));
}

TEST_CASE("sim: thirty listeners that start together spread their first queries") {
  World world{seed_from_environment_or(13)};
  world.add_announcer({});
  for (int i = 0; i < 30; ++i) world.add_listener({.rate_ppm = 3.0 * i - 45});
  world.run_for(Duration::seconds(60));
  for (const auto& listener : world.listeners) {
    CHECK(listener->status().state == State::synchronised);
    CHECK(listener->status().exchanges >= 5);
  }
}

TEST_CASE("sim: the crossing of the NTP era in 2036 goes unnoticed") {
  // The world begins in November 2026; both clocks are set ten years ahead.
  constexpr Duration kToEra = Duration::seconds(2'085'978'496 - 1'793'491'200 - 60);
  World world{seed_from_environment_or(14)};
  world.add_announcer({.clock = {kToEra, 0, {}}});
  auto& listener = world.add_listener({.offset = kToEra});
  const Outcome outcome = watch(world, listener, Duration::seconds(180));
  CHECK(listener.status().state == State::synchronised);
  CHECK(outcome.bounds_broken == 0);
  CHECK(outcome.worst < us(20));
}

TEST_CASE("sim: the same seed gives the same run") {
  const auto run = [] {
    World world{77};
    world.add_announcer({});
    auto& listener = world.add_listener({});
    world.run_for(Duration::seconds(100));
    return listener.status().offset;
  };
  CHECK(run() == run());
}

TEST_CASE("sim: a plain stream is followed by whoever is told to, and its bound holds") {
  for (const bool hears_plain : {true, false}) {
    World world{seed_from_environment_or(1)};
    world.add_announcer({.kind = StreamKind::plain});
    auto& listener = world.add_listener({.hears_plain = hears_plain});
    const Outcome outcome = watch(world, listener, Duration::seconds(1'200));
    const ListenerStatus status = listener.status();
    if (!hears_plain) {
      CHECK(status.state == State::searching);
      CHECK(status.announcements == 0);
      continue;
    }
    CHECK(status.state == State::synchronised);
    CHECK(status.plain);
    CHECK(magnitude(status.interval - Duration::seconds(9)) <= Duration::seconds(1));
    CHECK(outcome.bounds_broken == 0);
    CHECK(outcome.assumptions_broken == 0);
    CHECK(outcome.errors_broken <= outcome.seconds_watched / 1'000);
    CHECK(outcome.seconds_to_synchronised <= 30);
    CHECK(outcome.worst <= us(100));
  }
}

TEST_CASE("sim: a plain stream gives way to a signed one, and never takes over from it") {
  World world{seed_from_environment_or(1)};
  world.add_announcer({.kind = StreamKind::plain});
  auto& listener = world.add_listener({.hears_plain = true});
  world.run_for(Duration::seconds(60));
  CHECK(listener.status().plain);
  AnnouncerNode& precise = world.add_announcer({.key = 2});
  world.run_for(Duration::seconds(30));
  CHECK_FALSE(listener.status().plain);
  CHECK(listener.status().state == State::synchronised);
  precise.silent = true;
  world.run_for(Duration::seconds(600));
  CHECK_FALSE(listener.status().plain);
  CHECK(listener.status().state == State::holdover);
  CHECK(magnitude(listener.error()) <= listener.status().bound);
}

}  // namespace timecast::sim
