// SPDX-License-Identifier: MIT
//
// Links and clocks at their worst: what the listener says of its error must hold all the same.
#include <doctest/doctest.h>

#include <cmath>
#include <ostream>
#include <string_view>
#include <vector>

#include "tests/simulation/outcome.hpp"

namespace timecast::sim {
namespace {

Duration us(std::int64_t n) { return Duration::microseconds(n); }
Duration ms(std::int64_t n) { return Duration::milliseconds(n); }
Duration s(std::int64_t n) { return Duration::seconds(n); }

// An announcer that promises to be within some microseconds of the truth, so that its root
// distance hides nothing of the listener's own error.
AnnouncerOptions exact() {
  AnnouncerOptions options;
  options.state.max_error = Duration{};
  return options;
}

ListenerOptions on(const Delay& down, const Delay& up) {
  ListenerOptions options;
  options.down = down;
  options.up = up;
  return options;
}
ListenerOptions on(const Delay& link) { return on(link, link); }
ListenerOptions wired() { return on(exponential(us(100), us(10))); }

ListenerOptions with(ListenerOptions options, void (*change)(ListenerOptions&)) {
  change(options);
  return options;
}

// Temperature: half a ppm up and down within an hour.
Duration warm_and_cold(TrueTime t) {
  const double hours = t.to_seconds() / 3'600;
  return Duration::from_seconds(0.5e-6 * 3'600 / 6.2832 * std::sin(6.2832 * hours));
}

// A rate that walks at random, 1e-8 per square root of a second.
Duration walking(TrueTime t) {
  static const std::vector<double> kPath = [] {
    Random random{7};
    std::vector<double> seconds{0};
    double rate = 0;
    for (int i = 0; i < 1'000; ++i) {
      seconds.push_back(seconds.back() + rate);
      rate += 1e-8 * random.normal();
    }
    return seconds;
  }();
  const auto whole = static_cast<std::size_t>(t.count_ns() / 1'000'000'000);
  const double part = t.to_seconds() - static_cast<double>(whole);
  return Duration::from_seconds(kPath.at(whole) + part * (kPath.at(whole + 1) - kPath.at(whole)));
}

Delay with_a_standing_queue(const Delay& delay) {
  return sometimes(0.05, uniform(s(0), s(3)), delay);  // overtakes whole announcements
}

}  // namespace

TEST_CASE("sim: bound always holds and error in 999 of 1000 seconds, whatever the link is like") {
  struct Row {
    std::string_view name;
    ListenerOptions listener;
    Duration worst;
    bool symmetric = true;  // bound alone speaks of asymmetry
  };
  const Row rows[] = {
      {"wired", wired(), us(15)},
      {"one packet in ten lost, one in ten twice, one in twenty overtaken",
       with(on(lossy(0.1, with_a_standing_queue(exponential(us(100), us(10)))),
               lossy(0.1, exponential(us(100), us(10)))),
            [](ListenerOptions& o) { o.duplicated = 0.1; }),
       us(50)},
      {"much jitter on the way here", on(exponential(us(100), ms(1)), exponential(us(100), us(10))),
       us(1'500)},
      {"much jitter on the way there",
       on(exponential(us(100), us(10)), exponential(us(100), ms(1))), ms(1)},
      {"twice as far there as back", on(exponential(us(100), us(10)), exponential(us(200), us(10))),
       us(70), false},
      {"500 ppm fast", with(wired(), [](ListenerOptions& o) { o.rate_ppm = 500; }), us(20)},
      {"500 ppm slow", with(wired(), [](ListenerOptions& o) { o.rate_ppm = -500; }), us(20)},
      {"an hour off", with(wired(), [](ListenerOptions& o) { o.offset = s(-3'600); }), us(15)},
      {"warm and cold", with(wired(), [](ListenerOptions& o) { o.wobble = warm_and_cold; }),
       us(30)},
      {"a cheap oscillator", with(wired(), [](ListenerOptions& o) { o.wobble = walking; }), us(20)},
      {"wireless", on(exponential(ms(1), ms(1))), us(1'500)},
      {"wireless with outliers",
       on(sometimes(0.02, uniform(ms(20), ms(80)), exponential(ms(1), ms(1)))), us(1'500)},
      {"held back until a beacon",
       with(on(uniform(ms(1), us(102'400)), exponential(ms(1), ms(1))),
            [](ListenerOptions& o) { o.delay_uncertainty = ms(110); }),
       ms(60)},
      {"normal jitter", on(normal(us(100), us(100))), us(700)},
      {"heavy tails", on(heavy_tailed(us(100), us(50))), us(100)},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    int errors_broken = 0;
    int bounds_broken = 0;
    int seconds = 0;
    Duration worst;
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
      World world{seed_from_environment_or(seed)};
      world.add_announcer(exact());
      auto& listener = world.add_listener(row.listener);
      const Outcome outcome = watch(world, listener, s(600));
      errors_broken += outcome.errors_broken;
      bounds_broken += outcome.bounds_broken;
      seconds += outcome.seconds_watched;
      worst = std::max(worst, outcome.worst);
      CHECK(outcome.seconds_to_synchronised > 0);
      CHECK(outcome.seconds_to_synchronised <= 30);
      const State state = listener.status().state;  // three packets in a row may be lost
      CHECK((state == State::synchronised || state == State::holdover));
    }
    CAPTURE(worst.count_ns());
    CAPTURE(errors_broken);
    CHECK(bounds_broken == 0);
    CHECK((errors_broken <= seconds / 1'000 || !row.symmetric));
    CHECK(worst <= row.worst);
  }
}

TEST_CASE("sim: an announcer that restarts is followed on") {
  World world{seed_from_environment_or(1)};
  auto& announcer = world.add_announcer(exact());
  auto& listener = world.add_listener(wired());
  world.run_for(s(120));
  for (int start = 0; start < 6; ++start) {
    announcer.restart();
    const Outcome outcome = watch(world, listener, s(20));
    CHECK(outcome.bounds_broken == 0);
    CHECK(outcome.errors_broken == 0);
    CHECK(listener.status().state == State::synchronised);
    CHECK(magnitude(listener.error()) < us(20));
  }
  CHECK(listener.status().rejected.total() == 0);
}

TEST_CASE("sim: a step whose announcement is lost is noticed all the same") {
  struct Row {
    Duration step;
    int within;  // seconds until the bound holds for good
  };
  // What jumps ahead shows at once, far jumps when they have lasted, small ones back when none of
  // the last five samples comes near the line.
  const Row rows[] = {
      {ms(50), 2},   {ms(5), 2},   {us(700), 2},  {ms(-50), 8},  {ms(-5), 8},
      {us(-700), 8}, {ms(800), 6}, {ms(-800), 6}, {s(3'600), 6}, {s(-86'400), 6},
  };
  for (const Row& row : rows) {
    CAPTURE(row.step.count_ns());
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
      World world{seed_from_environment_or(seed)};
      auto& announcer = world.add_announcer(exact());
      auto& listener = world.add_listener(wired());
      world.run_for(s(120));
      announcer.silent = true;
      announcer.step_clock(row.step);
      world.run_for(s(1));
      announcer.silent = false;
      world.run_for(s(row.within));
      const Outcome outcome = watch(world, listener, s(120));
      CHECK(outcome.bounds_broken == 0);
      world.run_for(s(120));
      CHECK(listener.status().state == State::synchronised);
      CHECK(magnitude(listener.error()) < us(20));
    }
  }
}

TEST_CASE("sim: a step of the listener's own clock does not move what it knows") {
  for (const Duration step : {s(1), s(-1), s(86'400)}) {
    World world{seed_from_environment_or(3)};
    world.add_announcer(exact());
    auto& listener = world.add_listener(wired());
    world.run_for(s(120));
    const ListenerStatus before = listener.status();
    listener.step_clock(step);
    CHECK(listener.status().offset == before.offset - step);
    CHECK(listener.status().bound == before.bound);
    const Outcome outcome = watch(world, listener, s(180));
    CHECK(outcome.errors_broken == 0);
    CHECK(outcome.bounds_broken == 0);
    CHECK(outcome.worst < us(20));
    CHECK(magnitude(Duration::from_seconds(listener.status().frequency.to_ratio()) + us(20)) <
          us(1));
  }
}

TEST_CASE("sim: a query that is held up on its way back is bounded by its round trip") {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    World world{seed_from_environment_or(seed)};
    world.add_announcer(exact());
    auto& listener =
        world.add_listener(on(exponential(us(100), us(10)), uniform(us(100), ms(400))));
    const Outcome outcome = watch(world, listener, s(60));
    CHECK(outcome.bounds_broken == 0);
  }
}

TEST_CASE("sim: what the delay is like elsewhere does not matter to those who only listen") {
  World world{seed_from_environment_or(4)};
  world.add_announcer(exact());
  ListenerOptions options = on(uniform(us(100), ms(9)));
  options.listen_only = true;
  auto& listener = world.add_listener(options);
  const Outcome outcome = watch(world, listener, s(1'200));
  CHECK(outcome.assumptions_broken == 0);
  CHECK(outcome.errors_broken == 0);
  CHECK(listener.status().state == State::tentative);
}

TEST_CASE("sim: two announcers five milliseconds apart do not make a listener flap") {
  World world{seed_from_environment_or(5)};
  auto& first = world.add_announcer(exact());
  AnnouncerOptions options = exact();
  options.key = 2;
  options.clock.offset = ms(5);
  world.add_announcer(options);
  auto& listener = world.add_listener(wired());
  world.run_for(s(30));
  const PublicKey incumbent = listener.status().key;
  int changes = 0;
  PublicKey last = incumbent;
  world.watch(s(600), [&] {
    changes += listener.status().key == last ? 0 : 1;
    last = listener.status().key;
  });
  CHECK(changes == 0);
  (incumbent == toy_signer(1).key ? first : *world.announcers[1]).silent = true;
  world.run_for(s(10));
  CHECK(listener.status().key != incumbent);
  CHECK(listener.status().state == State::synchronised);
}

}  // namespace timecast::sim
