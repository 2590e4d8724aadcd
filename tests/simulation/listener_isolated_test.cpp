// SPDX-License-Identifier: MIT
//
// Announcements no longer arrive, what is asked is answered: an access point that isolates its
// stations, a filter, a switch that snoops.
#include <doctest/doctest.h>

#include <ostream>

#include "tests/simulation/outcome.hpp"

namespace timecast::sim {
namespace {

Duration us(std::int64_t n) { return Duration::microseconds(n); }
Duration ms(std::int64_t n) { return Duration::milliseconds(n); }
Duration s(std::int64_t n) { return Duration::seconds(n); }

struct Scene {
  World world{seed_from_environment_or(31)};
  AnnouncerNode& announcer = world.add_announcer({});
  ListenerNode& listener;

  explicit Scene(const ListenerOptions& options = {}) : listener{world.add_listener(options)} {
    world.run_for(s(120));
    listener.isolated = true;
  }
};

}  // namespace

TEST_CASE("sim: where multicast is lost and unicast is not, rare questions keep the time") {
  Scene scene;
  const std::uint32_t asked = scene.listener.status().queries;
  scene.world.run_for(s(15));
  CHECK(scene.listener.status().state == State::synchronised);
  CHECK(scene.listener.status().reason == Reason::unicast_alone);
  bool kept = true;
  Duration widest;
  Duration worst;
  int bounds_broken = 0;
  int errors_broken = 0;
  constexpr int kHours = 6;
  scene.world.watch(s(kHours * 3'600), [&] {
    const ListenerStatus status = scene.listener.status();
    const Duration error = magnitude(scene.listener.error());
    kept = kept && status.state == State::synchronised;
    widest = std::max(widest, status.bound);
    worst = std::max(worst, error);
    bounds_broken += error > status.bound ? 1 : 0;
    errors_broken += error > status.error ? 1 : 0;
  });
  CHECK(kept);
  CHECK(bounds_broken == 0);
  CHECK(errors_broken <= kHours * 4);  // 99.9 %
  CHECK(worst < us(50));
  CHECK(widest < ms(3));  // a millisecond is the announcer's own
  // Two each 32 to 64 s.
  CHECK(scene.listener.status().queries - asked < kHours * 3'600 / 16);
}

TEST_CASE("sim: what its answers say of its clock counts where no announcement does") {
  Scene scene;
  scene.world.run_for(s(15));
  REQUIRE(scene.listener.status().reason == Reason::unicast_alone);
  scene.announcer.options.state.max_error = ms(400);
  scene.world.run_for(s(130));
  CHECK(scene.listener.status().root_distance >= ms(400));
  CHECK(scene.listener.status().bound >= ms(400));
}

TEST_CASE("sim: when announcements come back they are followed again, without a jump") {
  Scene scene;
  scene.world.run_for(s(3'600));
  REQUIRE(scene.listener.status().reason == Reason::unicast_alone);
  scene.listener.isolated = false;
  scene.world.run_for(s(3));
  CHECK(scene.listener.status().reason == Reason::agreeing);
  const Outcome outcome = watch(scene.world, scene.listener, s(600));
  CHECK(outcome.bounds_broken == 0);
  CHECK(outcome.worst < us(15));
}

TEST_CASE("sim: a steered clock stays steered while its announcer is only asked") {
  Scene scene{{.steer = true}};
  scene.world.run_for(s(60));
  Duration worst;
  scene.world.watch(s(3'600), [&] {
    worst = std::max(worst, magnitude(scene.listener.error() - scene.listener.status().offset));
  });
  CHECK(worst < us(50));
  CHECK(scene.listener.status().reason == Reason::unicast_alone);
}

TEST_CASE("sim: an announcer that is asked and no longer answers is soon held over") {
  Scene scene;
  scene.world.run_for(s(600));
  REQUIRE(scene.listener.status().reason == Reason::unicast_alone);
  scene.announcer.silent = true;
  scene.world.run_for(s(80));
  CHECK(scene.listener.status().state == State::holdover);
  CHECK(scene.listener.status().reason == Reason::silence);
}

TEST_CASE("sim: of two that are only asked the other takes over when one no longer answers") {
  Scene scene;
  AnnouncerNode& second = scene.world.add_announcer({.key = 2});
  scene.listener.isolated = false;
  scene.world.run_for(s(300));
  scene.listener.isolated = true;
  scene.world.run_for(s(600));
  REQUIRE(scene.listener.status().reason == Reason::unicast_alone);
  const PublicKey followed = scene.listener.status().key;
  AnnouncerNode& first = followed == toy_signer(2).key ? second : scene.announcer;
  first.silent = true;
  scene.world.run_for(s(240));
  CHECK(scene.listener.status().key != followed);
  CHECK(scene.listener.status().state == State::synchronised);
  CHECK(scene.listener.status().reason == Reason::unicast_alone);
}

TEST_CASE("sim: who only listens asks nobody in silence either") {
  Scene scene{{.listen_only = true}};
  scene.world.run_for(s(600));
  CHECK(scene.listener.status().queries == 0);
  CHECK(scene.listener.status().state == State::holdover);
}

}  // namespace timecast::sim
