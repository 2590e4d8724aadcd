// SPDX-License-Identifier: MIT
#include "listener/core/steering.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "tests/simulation/world.hpp"
#include "tests/unit/listener_bench.hpp"

namespace timecast::test {
namespace {

Duration ns(std::int64_t n) { return Duration::nanoseconds(n); }
Duration us(std::int64_t n) { return Duration::microseconds(n); }
Duration ms(std::int64_t n) { return Duration::milliseconds(n); }
Duration s(std::int64_t n) { return Duration::seconds(n); }

// Steering with a clock and an estimate that a test moves by hand; the announcer was heard first
// `age` ago.
struct Bench {
  Steering steering{};
  ListenerConfig config{};
  Moment now{Timestamp<Realtime>{kEpoch}, Timestamp<Raw>{s(3'000)}, Timestamp<Boot>{s(5'000)}};
  Course course{State::synchronised, false, false, us(20), us(1), s(20), FrequencyPpb{20'000}, {}};
  bool wants_exchange = false;

  explicit Bench(Duration age = s(3'600)) { course.since = now.boot - age; }

  std::vector<Effect> update() {
    Effects effects;
    wants_exchange = steering.update(course, now, config, effects);
    return {effects.begin(), effects.end()};
  }
  std::vector<Effect> next() {
    now = shifted(now, s(1));
    return update();
  }
  Effect correction() {
    const auto effects = next();
    REQUIRE(effects.size() == 2);
    return effects[1];
  }
  void use_up_first_updates() {
    for (int i = 0; i < 3; ++i) static_cast<void>(next());
  }
};

}  // namespace

TEST_CASE("steering: the estimated frequency is set as it is, and a slew ends within the second") {
  Bench bench;
  const auto effects = bench.update();
  REQUIRE(effects.size() == 2);
  CHECK(effects[0].kind == EffectKind::set_frequency);
  CHECK(effects[0].frequency == FrequencyPpb{20'000});
  CHECK(effects[1].kind == EffectKind::slew);
  CHECK(effects[1].over == s(1));
  CHECK(bench.steering.due() == bench.now.boot + s(1));
}

TEST_CASE("steering: what is left of a correction to a refuted time ends at once") {
  Bench bench;
  bench.course.state = State::tentative;
  bench.course.offset = s(-10);
  REQUIRE(bench.correction().over > s(1));
  bench.course.refuted = true;
  const auto effects = bench.next();
  REQUIRE(effects.size() == 1);
  CHECK(effects[0].kind == EffectKind::slew);
  CHECK(effects[0].amount == Duration{});
  CHECK_FALSE(bench.wants_exchange);
  bench.course.refuted = false;
  CHECK(bench.correction().amount < Duration{});
}

TEST_CASE("steering: each state allows what the policy says and no more") {
  struct Row {
    std::string_view name;
    State state;
    bool doubtful;
    Duration offset;
    std::size_t effects;
    EffectKind correction;
  };
  const Row rows[] = {
      {"synchronised, near", State::synchronised, false, us(20), 2, EffectKind::slew},
      {"synchronised, 0.1 s", State::synchronised, false, ms(100), 2, EffectKind::slew},
      {"synchronised, far ahead", State::synchronised, false, ms(101), 2, EffectKind::step},
      {"synchronised, far behind", State::synchronised, false, s(-9), 2, EffectKind::step},
      {"tentative, near", State::tentative, false, us(20), 2, EffectKind::slew},
      {"tentative, far", State::tentative, false, s(9), 2, EffectKind::slew},
      {"synchronised, in doubt", State::synchronised, true, s(9), 0, EffectKind::slew},
      {"tentative, in doubt", State::tentative, true, us(20), 0, EffectKind::slew},
      {"holdover", State::holdover, false, s(9), 0, EffectKind::slew},
      {"lost", State::lost, false, s(9), 0, EffectKind::slew},
      {"searching", State::searching, false, s(9), 0, EffectKind::slew},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    Bench bench;
    bench.course.state = row.state;
    bench.course.doubtful = row.doubtful;
    bench.course.offset = row.offset;
    const auto effects = bench.update();
    REQUIRE(effects.size() == row.effects);
    if (effects.empty()) continue;
    CHECK(effects[1].kind == row.correction);
    if (row.correction == EffectKind::step) CHECK(effects[1].amount == row.offset);
  }
}

TEST_CASE("steering: how much of the offset is to go, and how fast") {
  struct Row {
    std::string_view name;
    Duration age;
    Duration memory;
    Duration offset;
    Duration sigma;
    Duration amount;
    Duration over = s(1);
  };
  const Row rows[] = {
      {"a tenth of the memory", s(3'600), s(200), us(20), us(1), us(1)},
      {"backwards", s(3'600), s(200), us(-20), us(1), us(-1)},
      {"at least a second", s(3'600), s(5), us(20), us(1), us(20)},
      {"at most a third of the age", s(120), s(9'000), us(40), us(1), us(1)},
      {"a start that is far off: a second", s(59), s(9'000), us(200), us(30), us(200)},
      {"a start that is near: a third of the age", s(30), s(9'000), us(20), us(4), us(2)},
      {"past the start", s(61), s(200), us(20), us(1), us(1)},
      {"at most 500 ppm", s(3'600), s(5), ms(50), us(1), ms(50), s(100)},
      {"at most 500 ppm, backwards", s(3'600), s(5), ms(-50), us(1), ms(-50), s(100)},
      {"a saturated offset", s(3'600), s(5), Duration::min(), us(1), Duration::min(),
       Duration::max()},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    Bench bench{row.age};
    bench.course.state = State::tentative;  // so that nothing steps
    bench.course.memory = row.memory;
    bench.course.offset = row.offset;
    bench.course.sigma = row.sigma;
    const auto effects = bench.update();
    REQUIRE(effects.size() == 2);
    CHECK(magnitude(effects[1].amount - row.amount) <= ns(10));
    CHECK(magnitude(effects[1].over - row.over) <= ns(10));
  }
}

TEST_CASE("steering: the slew's limit is configured") {
  Bench bench;
  bench.config.max_slew = FrequencyPpb{20'000};
  bench.course.memory = s(5);
  bench.course.offset = ms(50);
  CHECK(bench.correction().amount == ms(50));
  CHECK(bench.correction().over == s(2'500));
}

TEST_CASE("steering: a start that waits for the delay is looked at four times a second") {
  struct Row {
    State state;
    Duration age;
    Duration period;
  };
  const Row rows[] = {
      {State::tentative, s(2), ms(250)},
      {State::tentative, s(61), s(1)},
      {State::synchronised, s(2), s(1)},
      {State::holdover, s(2), s(1)},
  };
  for (const Row& row : rows) {
    Bench bench{row.age};
    bench.course.state = row.state;
    static_cast<void>(bench.update());
    CHECK(bench.steering.due() == bench.now.boot + row.period);
  }
}

TEST_CASE("steering: after the first three updates nothing steps unless a limit is configured") {
  Bench bench;
  bench.course.state = State::tentative;
  for (int i = 0; i < 9; ++i) static_cast<void>(bench.next());  // these do not count
  bench.course.state = State::synchronised;
  static_cast<void>(bench.next());
  static_cast<void>(bench.next());
  bench.course.offset = s(9);
  CHECK(bench.correction().kind == EffectKind::step);
  for (int i = 0; i < 100; ++i) CHECK(bench.correction().kind == EffectKind::slew);
  CHECK_FALSE(bench.wants_exchange);
}

TEST_CASE("steering: an update that was not carried out is none of the first three") {
  for (const Duration offset : {ms(300), s(1'700'000'000)}) {
    Bench bench;
    bench.course.offset = offset;
    for (int i = 0; i < 100; ++i) {
      CHECK(bench.correction().kind == EffectKind::step);
      bench.steering.on_failed();
      bench.steering.on_failed();  // of both its effects
    }
    for (int i = 0; i < 3; ++i) CHECK(bench.correction().kind == EffectKind::step);
    CHECK(bench.correction().kind == EffectKind::slew);
  }
}

TEST_CASE("steering: what fails after the first three brings none of them back") {
  Bench bench;
  bench.use_up_first_updates();
  bench.course.offset = s(9);
  for (int i = 0; i < 5; ++i) {
    CHECK(bench.correction().kind == EffectKind::slew);
    bench.steering.on_failed();
  }
  bench.steering.on_other_announcer(bench.now.boot);  // which may be stepped to, for it is early
  bench.steering.on_failed();
  for (int i = 0; i < 3; ++i) CHECK(bench.correction().kind == EffectKind::step);
  CHECK(bench.correction().kind == EffectKind::slew);
}

TEST_CASE("steering: the time in which another announcer may be stepped to begins with a success") {
  Bench bench;
  for (int i = 0; i < 90; ++i) {
    static_cast<void>(bench.next());
    bench.steering.on_failed();
  }
  bench.use_up_first_updates();
  bench.steering.on_other_announcer(bench.now.boot);
  bench.course.offset = s(9);
  CHECK(bench.correction().kind == EffectKind::step);
}

TEST_CASE("steering: past the limit the clock steps once an exchange has confirmed the distance") {
  Bench bench;
  bench.config.step_over = ms(20);
  bench.use_up_first_updates();
  bench.steering.on_exchange(bench.now.raw);  // of before
  bench.course.offset = ms(50);
  CHECK(bench.correction().kind == EffectKind::slew);
  CHECK(bench.wants_exchange);
  const Timestamp<Raw> noticed = bench.now.raw;
  CHECK(bench.correction().kind == EffectKind::slew);
  CHECK_FALSE(bench.wants_exchange);            // once is enough
  bench.steering.on_exchange(noticed - ms(1));  // its query left too early
  CHECK(bench.correction().kind == EffectKind::slew);
  bench.steering.on_exchange(noticed + ms(1));
  bench.course.state = State::tentative;
  CHECK(bench.correction().kind == EffectKind::slew);
  bench.course.state = State::synchronised;
  const Effect step = bench.correction();
  CHECK(step.kind == EffectKind::step);
  CHECK(step.amount == ms(50));
  // What confirmed this one confirms no other.
  CHECK(bench.correction().kind == EffectKind::slew);
  CHECK(bench.wants_exchange);
}

TEST_CASE("steering: a distance that goes away by itself must be confirmed anew") {
  Bench bench;
  bench.config.step_over = ms(20);
  bench.use_up_first_updates();
  bench.course.offset = ms(50);
  static_cast<void>(bench.next());
  bench.steering.on_exchange(bench.now.raw + ms(1));
  bench.course.offset = ms(20);  // not over the limit
  CHECK(bench.correction().kind == EffectKind::slew);
  bench.course.offset = ms(50);
  CHECK(bench.correction().kind == EffectKind::slew);
  CHECK(bench.wants_exchange);
}

TEST_CASE("steering: after a step the clock is young again") {
  Bench bench;
  bench.course.offset = ms(500);
  bench.course.memory = s(9'000);
  CHECK(bench.correction().kind == EffectKind::step);
  bench.course.offset = us(20);
  bench.course.sigma = us(9);
  for (int i = 0; i < 29; ++i) static_cast<void>(bench.next());
  CHECK(magnitude(bench.correction().amount - us(2)) <= ns(10));  // a third of 30 s
}

TEST_CASE("steering: whoever does not ask for it gets no effect but queries") {
  for (const bool steer : {false, true}) {
    ListenerConfig config;
    config.steer = steer;
    ListenerBench bench{config};
    ScriptedAnnouncer announcer;
    int corrections = 0;
    for (int i = 0; i < 20; ++i) {
      bench.hear(announcer);
      for (int k = 0; k < 9 && bench.core.next_deadline(); ++k) {
        if (*bench.core.next_deadline() - bench.now.boot > ms(900)) break;
        for (const Effect& each : bench.next_deadline()) {
          corrections += each.kind == EffectKind::send_query ? 0 : 1;
        }
      }
      bench.pass(s(1));
    }
    CHECK((corrections > 0) == steer);
  }
}

TEST_CASE("steering: the steered clock neither drifts nor swings, whatever its oscillator does") {
  struct Row {
    std::string_view name;
    double rate_ppm;
    Duration offset;
  };
  const Row rows[] = {{"slow", -200, ms(-300)},
                      {"fast", 80, ms(300)},
                      {"right", 0, us(10)},
                      {"hours off", 20, s(9'999)}};
  for (const Row& row : rows) {
    CAPTURE(row.name);
    sim::World world{sim::seed_from_environment_or(1)};
    const auto& announcer = world.add_announcer({.sending = sim::constant(Duration{})});
    const auto& listener = world.add_listener({.offset = row.offset,
                                               .rate_ppm = row.rate_ppm,
                                               .down = sim::constant(us(100)),
                                               .up = sim::constant(us(100)),
                                               .steer = true});
    world.run_for(s(120));
    double worst_ns = 0;
    double worst_rate = 0;
    world.watch(s(600), [&] {
      const double error =
          listener.clock().error_ns(world.now()) - announcer.clock().error_ns(world.now());
      worst_ns = std::max(worst_ns, std::abs(error));
      worst_rate = std::max(worst_rate, std::abs(listener.clock().rate(world.now())));
    });
    CHECK(worst_ns < 1'000);
    CHECK(worst_rate < 50e-9);
    CHECK(std::abs(listener.status().frequency.count_ppb()) < 100);  // nothing left to correct
  }
}

}  // namespace timecast::test
