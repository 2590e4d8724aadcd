// SPDX-License-Identifier: MIT
//
// Several announcers: one fails, one lies, two contradict each other, islands meet.
#include <doctest/doctest.h>

#include <cstdio>
#include <cstdlib>

#include "tests/simulation/outcome.hpp"

namespace timecast::sim {
namespace {

Duration us(std::int64_t n) { return Duration::microseconds(n); }
Duration ms(std::int64_t n) { return Duration::milliseconds(n); }
Duration s(std::int64_t n) { return Duration::seconds(n); }

AnnouncerOptions announcer(std::uint8_t key, Duration ahead = Duration{}) {
  AnnouncerOptions options;
  options.key = key;
  options.clock.offset = ahead;
  return options;
}

ListenerOptions steered(Duration offset = Duration{}) {
  ListenerOptions options;
  options.offset = offset;
  options.steer = true;
  return options;
}

// What a listener did over a span, looked at ten times a second.
struct Watched {
  Duration fastest;  // its CLOCK_REALTIME against the raw one, most within a tenth of a second
  int changes = 0;   // of the announcer that is followed
  int broken = 0;    // tenths of seconds whose bound did not hold against that announcer
  double until_other = -1;  // seconds from the begin until another one was followed

  Watched(World& world, ListenerNode& node, Duration span) {
    const auto steered_by = [&] { return offset_between(node.now().realtime, node.now().raw); };
    Duration before = steered_by();
    PublicKey key = node.status().key;
    const auto tenths = span.count_ns() / 100'000'000;
    for (std::int64_t i = 1; i <= tenths; ++i) {
      world.run_for(ms(100));
      const ListenerStatus status = node.status();
      fastest = std::max(fastest, magnitude(steered_by() - before));
      before = steered_by();
      for (const auto& each : world.announcers) {
        if (each->endpoint() != status.announcer) continue;
        if (magnitude(node.error(*each)) > status.bound) ++broken;
      }
      if (status.key == key) continue;
      key = status.key;
      if (++changes == 1) until_other = static_cast<double>(i) / 10;
    }
  }
};

bool follows(const ListenerNode& listener, const AnnouncerNode& announcer) {
  return listener.status().announcer == announcer.endpoint();
}

}  // namespace

TEST_CASE("company: when an announcer fails another takes over within three announcements") {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    CAPTURE(seed);
    World world{seed_from_environment_or(seed)};
    auto& first = world.add_announcer(announcer(1));
    auto& listener = world.add_listener(steered(ms(1)));
    world.run_for(s(30));
    auto& second = world.add_announcer(announcer(2, ms(5)));
    world.run_for(s(90));
    REQUIRE(follows(listener, first));
    REQUIRE(listener.status().announcers == 2);
    first.silent = true;

    const Watched after{world, listener, s(60)};
    CHECK(after.changes == 1);
    CHECK(after.until_other <= 3.1);  // looked at every tenth of a second
    CHECK(after.fastest <= us(60));   // 5 ms are slewed: 500 ppm and its rate
    CHECK(after.broken == 0);
    CHECK(follows(listener, second));
    CHECK(listener.status().state == State::synchronised);
    // When it comes back nothing changes.
    first.silent = false;
    CHECK(Watched{world, listener, s(60)}.changes == 0);
  }
}

TEST_CASE("attack: one trusted announcer of three lies by two seconds") {
  for (std::uint8_t liar = 0; liar < 3; ++liar) {
    CAPTURE(liar);
    World world{seed_from_environment_or(7)};
    for (std::uint8_t i = 0; i < 3; ++i) {
      world.add_announcer(announcer(i + 1, i == liar ? s(2) : Duration{}));
    }
    auto& listener = world.add_listener(steered(ms(3)));
    world.run_for(s(60));
    const AnnouncerNode& honest = *world.announcers[liar == 0 ? 1 : 0];
    const auto off = [&] { return magnitude(listener.status().offset); };
    CHECK(listener.status().state == State::synchronised);
    CHECK(listener.status().reason == Reason::agreeing);
    CHECK(listener.status().announcers == 3);
    CHECK(listener.status().disagreeing == 1);
    CHECK(listener.status().dissenter == world.announcers[liar]->endpoint());
    CHECK(magnitude(listener.error(honest)) < us(20));
    CHECK(off() < us(50));
    CHECK(Watched{world, listener, s(120)}.changes == 0);
    if (std::getenv("TIMECAST_ATTACKS") == nullptr || liar > 0) continue;
    std::printf("seen: heard first, outvoted, off by %lld ns a minute later\n",
                static_cast<long long>(listener.error(honest).count_ns()));
  }
}

TEST_CASE("company: an announcer that begins to lie is left for the others without a step") {
  World world{seed_from_environment_or(8)};
  for (std::uint8_t i = 1; i <= 3; ++i) world.add_announcer(announcer(i));
  auto& listener = world.add_listener(steered());
  world.run_for(s(120));
  auto* followed = world.announcers[0].get();
  for (const auto& each : world.announcers) {
    if (follows(listener, *each)) followed = each.get();
  }
  followed->step_clock(s(2));
  const Watched after{world, listener, s(120)};
  CHECK(after.changes >= 1);
  CHECK(after.fastest <= us(60));
  CHECK_FALSE(follows(listener, *followed));
  CHECK(listener.status().state == State::synchronised);
}

TEST_CASE("company: of two that contradict each other the first stays, and the listener says so") {
  World world{seed_from_environment_or(9)};
  auto& first = world.add_announcer(announcer(1));
  auto& listener = world.add_listener(steered());
  world.run_for(s(20));
  world.add_announcer(announcer(2, s(2)));
  world.run_for(s(20));
  const Watched hour{world, listener, s(3'600)};
  CHECK(hour.changes == 0);
  CHECK(hour.broken == 0);
  CHECK(follows(listener, first));
  CHECK(listener.status().state == State::synchronised);
  CHECK(listener.status().reason == Reason::announcers_disagree);
  CHECK(magnitude(listener.status().dissent - s(2)) < ms(1));
}

TEST_CASE("company: two islands meet, and every listener follows the same one") {
  World world{seed_from_environment_or(10)};
  for (const std::uint8_t key : {std::uint8_t{1}, std::uint8_t{2}}) {
    AnnouncerOptions island = announcer(key, s(key));
    island.island = true;
    world.add_announcer(island);
  }
  for (int i = 0; i < 6; ++i) world.add_listener(steered());
  const auto side = [&](const ListenerNode& node) {
    std::size_t index = 0;
    while (world.listeners[index].get() != &node) ++index;
    return index % 2;
  };
  bool healed = false;
  world.reaches = [&](const AnnouncerNode& from, const ListenerNode& to) {
    return healed || side(to) == (&from == world.announcers[0].get() ? 0U : 1U);
  };
  world.run_for(s(60));
  for (const auto& each : world.listeners) {
    CHECK(follows(*each, *world.announcers[side(*each)]));
    CHECK(each->status().island);
  }
  healed = true;
  world.run_for(s(15));
  const std::size_t lower = toy_signer(1).key < toy_signer(2).key ? 0 : 1;
  for (const auto& each : world.listeners) {
    CHECK(follows(*each, *world.announcers[lower]));
    CHECK(each->status().reason == Reason::announcers_disagree);
    CHECK(each->status().disagreeing == 1);
    CHECK(Watched{world, *each, s(20)}.changes == 0);
  }
}

TEST_CASE("company: an announcer with a clock from outside is preferred to an island") {
  World world{seed_from_environment_or(11)};
  AnnouncerOptions island = announcer(1, s(2));
  island.island = true;
  world.add_announcer(island);
  auto& listener = world.add_listener(steered());
  world.run_for(s(20));
  CHECK(listener.status().island);
  auto& other = world.add_announcer(announcer(2));
  world.run_for(s(20));
  CHECK(follows(listener, other));
  CHECK_FALSE(listener.status().island);
}

}  // namespace timecast::sim
