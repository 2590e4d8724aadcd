// SPDX-License-Identifier: MIT
//
// What a listener does when clocks jump, the announcer's or its own: core.cpp.
#include "tests/unit/listener_bench.hpp"

namespace timecast::test {
namespace {

Duration us(std::int64_t n) { return Duration::microseconds(n); }
Duration ms(std::int64_t n) { return Duration::milliseconds(n); }
Duration s(std::int64_t n) { return Duration::seconds(n); }

// A listener that has been well for a minute; from then on somebody on the way holds back every
// announcement, alike.
struct HeldBack {
  ListenerBench bench;
  ScriptedAnnouncer announcer;
  HeldBack() { bench.live({&announcer}, s(60)); }

  [[nodiscard]] Duration off() const { return magnitude(bench.status().offset - announcer.ahead); }
  void hear() {
    const Datagram held = announcer.announce(bench.now);
    bench.pass(ms(830));
    bench.hear(held, bench.arrival(announcer.from));
  }
  void exchange() {
    const Datagram query = bench.next_query(announcer);
    bench.hear(announcer.reply(query, bench.now), bench.arrival(announcer.from, kSelf));
  }
};

}  // namespace

TEST_CASE("core: after a step that is told the delay need not be learnt again, but confirmed") {
  ListenerBench bench;
  ScriptedAnnouncer announcer;
  bench.live({&announcer}, s(60));
  announcer.ahead = s(-40);
  announcer.last = {};
  announcer.announcement.flags = kFlagClockStepped;
  bench.hear(announcer);
  announcer.announcement.flags = 0;
  CHECK(bench.status().state == State::tentative);
  CHECK(bench.status().reason == Reason::delay_unverified);
  CHECK_FALSE(bench.status().lateness_bounded);
  CHECK(magnitude(bench.status().offset - s(-40)) <= us(30));
  for (int i = 0; i < 5; ++i) {
    bench.live({&announcer}, s(1));
    CHECK(bench.status().lateness_bounded);
    CHECK(magnitude(bench.status().offset - s(-40)) <= bench.status().error);
  }
  CHECK(bench.status().state == State::synchronised);
}

TEST_CASE("core: a step that is not told is followed when it has lasted") {
  ListenerBench bench;
  ScriptedAnnouncer announcer;
  bench.live({&announcer}, s(60));
  const ListenerStatus before = bench.status();
  announcer.ahead = s(3'600);
  for (int i = 1; i <= 4; ++i) {
    bench.pass(s(1));
    bench.hear(announcer);
    const bool follows = magnitude(bench.status().offset - s(3'600)) <= ms(1);
    CHECK(follows == (i == 4));
    if (i < 4) CHECK(magnitude(bench.status().offset - before.offset) <= us(1));
  }
  CHECK(bench.status().rejected[Reject::timeline_break] == 3);
}

TEST_CASE("core: a step that is not told is followed within seconds while it is asked") {
  for (const Duration by : {s(-3'600), s(-5), ms(-500), ms(500), s(5), s(3'600)}) {
    CAPTURE(by.count_ns());
    ListenerBench bench;
    ScriptedAnnouncer announcer;
    bench.live({&announcer}, s(120));
    announcer.ahead += by;
    bench.live({&announcer}, s(4));
    CHECK(magnitude(bench.status().offset - announcer.ahead) <= bench.status().error);
    bench.live({&announcer}, s(2));
    CHECK(bench.status().state == State::synchronised);
    CHECK(magnitude(bench.status().offset - announcer.ahead) <= bench.status().error);
  }
}

TEST_CASE("core: one announcement out of line, or ones that disagree, displace nothing") {
  ListenerBench bench;
  ScriptedAnnouncer announcer;
  bench.live({&announcer}, s(60));
  const Duration ahead = announcer.ahead;
  for (int i = 0; i < 30; ++i) {
    bench.pass(s(1));
    announcer.ahead = i % 4 == 3 ? ahead : s(100 * std::int64_t{i});
    bench.hear(announcer);
    CHECK(magnitude(bench.status().offset - ahead) <= us(5));
  }
  CHECK(bench.status().rejected[Reject::timeline_break] == 23);
}

TEST_CASE(
    "core: announcements that are all held back are not trusted before somebody has answered") {
  HeldBack scene;
  const ListenerBench& bench = scene.bench;
  for (int i = 1; i <= 8; ++i) {
    scene.hear();
    scene.bench.pass(ms(170));
    const bool believes = scene.off() > ms(1);
    CHECK(believes == (i >= 4));
    CHECK(bench.status().lateness_bounded == !believes);
    CHECK((bench.status().state == State::tentative) == believes);
  }
  scene.exchange();
  CHECK(bench.status().lateness_bounded);
  CHECK(scene.off() <= bench.status().error);
}

TEST_CASE("core: an answer that fits the timeline ends the contradiction of held back ones") {
  HeldBack scene;
  for (int i = 1; i <= 12; ++i) {
    scene.hear();
    if (i % 3 == 0) scene.exchange();
    CHECK(scene.off() <= scene.bench.status().error);
  }
  CHECK(scene.bench.status().rejected[Reject::timeline_break] == 12);
}

TEST_CASE("core: answers of the timeline that contradicts do not keep it from being followed") {
  ListenerBench bench;
  ScriptedAnnouncer announcer;
  bench.live({&announcer}, s(60));
  announcer.ahead = announcer.ahead + ms(500);
  for (int i = 1; i <= 4; ++i) {
    bench.live({&announcer}, s(1));
    const auto query = bench.next_query(announcer);
    bench.hear(announcer.reply(query, bench.now), bench.arrival(announcer.from, kSelf));
  }
  CHECK(magnitude(bench.status().offset - announcer.ahead) < ms(1));
}

TEST_CASE("core: what the first answer claims of its departure is put right by the second") {
  ListenerBench bench;
  ScriptedAnnouncer announcer;
  announcer.delay = us(1);
  announcer.written_ahead = us(15);
  bench.hear(announcer);
  for (const Duration off : {us(20), us(3)}) {
    const auto query = bench.next_query(announcer);
    bench.hear(announcer.reply(query, bench.now), bench.arrival(announcer.from, kSelf));
    CHECK(magnitude(bench.status().offset - announcer.ahead) <= off);
    CHECK(magnitude(bench.status().offset - announcer.ahead) <= bench.status().error);
  }
}

TEST_CASE("core: a small doubt waits for the exact word, a large one does not") {
  for (const Duration moved : {us(-60), ms(-5)}) {
    CAPTURE(moved.count_ns());
    ListenerBench bench;
    ScriptedAnnouncer announcer;
    bench.live({&announcer}, s(60));
    announcer.delay = announcer.delay - moved;
    for (int i = 0; i < 12; ++i) {
      bench.pass(s(1));
      bench.hear(announcer);
    }
    const auto query = bench.next_query(announcer);
    const auto asks = read_big_endian<std::uint64_t>(query, kOriginOffset);
    CHECK((asks != 0) == (moved == us(-60)));
  }
}

TEST_CASE("core: an announcer that loses its transmit stamps stays trusted") {
  ListenerBench bench;
  ScriptedAnnouncer announcer;
  bench.live({&announcer}, s(60));
  CHECK(bench.status().interleaved);
  for (const bool interleaves : {false, true}) {
    announcer.interleaves = interleaves;
    for (int i = 0; i < 30; ++i) {
      bench.live({&announcer}, s(1));
      CHECK(bench.status().state == State::synchronised);
    }
    CHECK(bench.status().interleaved == interleaves);
  }
}

TEST_CASE("core: a step of this host's own clock is no news") {
  for (const Duration step : {s(1), s(-1), s(86'400)}) {
    ListenerBench bench;
    ScriptedAnnouncer announcer;
    bench.live({&announcer}, s(60));
    const ListenerStatus before = bench.status();
    bench.now.realtime = bench.now.realtime + step;
    announcer.ahead = announcer.ahead - step;
    const ListenerStatus after = bench.status();
    CHECK(after.offset == before.offset - step);
    CHECK(after.error == before.error);
    CHECK(after.state == State::synchronised);
    bench.live({&announcer}, s(10));
    CHECK(magnitude(bench.status().offset - announcer.ahead) <= us(2));
    CHECK(magnitude(Duration::from_seconds(bench.status().frequency.to_ratio())) <= us(1));
    CHECK(bench.status().rejected.total() == 0);
  }
}

TEST_CASE("core: whoever wakes up does not trust what he knew before he slept") {
  ListenerBench bench;
  ScriptedAnnouncer announcer;
  bench.live({&announcer}, s(60));
  bench.now.realtime = bench.now.realtime + s(3'600);  // the raw clock has stood still
  bench.now.boot = bench.now.boot + s(3'600);
  CHECK(bench.status().bound >= s(3'600));
  CHECK(bench.status().state == State::lost);
  bench.live({&announcer}, s(8));
  CHECK(bench.status().state == State::synchronised);
  CHECK(magnitude(bench.status().offset - announcer.ahead) <= us(2));
}

TEST_CASE("core: a rate may have changed by what temperature does while this host slept") {
  for (const Duration slept : {s(60), s(28'800)}) {
    CAPTURE(slept.count_ns());
    ListenerBench bench;
    ScriptedAnnouncer announcer;
    bench.live({&announcer}, s(900));
    const double before = bench.status().raw_frequency_error.count_ppb();
    bench.now.realtime = bench.now.realtime + slept;
    bench.now.boot = bench.now.boot + slept;
    bench.pass(s(1));
    bench.hear(announcer);
    CHECK(bench.status().raw_frequency_error.count_ppb() > before + 0.15 * slept.to_seconds());
  }
}

TEST_CASE("core: a short sleep in a long silence is not forgotten") {
  ListenerBench bench;
  ScriptedAnnouncer announcer;
  bench.live({&announcer}, s(60));
  bench.now.realtime = bench.now.realtime + s(1);
  bench.now.boot = bench.now.boot + s(1);
  static_cast<void>(bench.deadline());
  for (int minute = 0; minute < 60; ++minute) {
    bench.pass(s(60));
    CHECK(bench.status().bound >= s(1));
  }
}

TEST_CASE("core: a clock is not steered by what was known before a sleep") {
  ListenerConfig config;
  config.steer = true;
  ListenerBench bench{config};
  ScriptedAnnouncer announcer;
  bench.live({&announcer}, s(60));
  bench.pass(s(1));
  const auto corrects = [&bench] {
    const auto effects = bench.deadline();
    return std::any_of(effects.begin(), effects.end(), [](const Effect& effect) {
      return effect.kind == EffectKind::slew || effect.kind == EffectKind::step;
    });
  };
  CHECK(corrects());
  bench.now.realtime = bench.now.realtime + ms(500);
  bench.now.boot = bench.now.boot + ms(500);
  bench.pass(s(1));
  CHECK_FALSE(corrects());
}

TEST_CASE("core: the first announcement after a sleep begins a timeline, however long it was") {
  // The shorter ones would still pass for a late packet, and the line for that much wrong.
  for (const Duration slept : {ms(30), ms(140), ms(200), s(3'600)}) {
    CAPTURE(slept.count_ns());
    ListenerBench bench;
    ScriptedAnnouncer announcer;
    bench.live({&announcer}, s(60));
    bench.now.realtime = bench.now.realtime + slept;
    bench.now.boot = bench.now.boot + slept;
    bench.pass(s(1));
    bench.hear(announcer);
    CHECK(bench.status().rejected[Reject::timeline_break] == 0);
    CHECK(bench.status().state == State::tentative);
    CHECK(bench.status().reason == Reason::delay_unverified);
    CHECK(magnitude(bench.status().offset - announcer.ahead) <= us(30));
  }
}

TEST_CASE("core: an announcer that says it is unsynchronised is alive, and no source of time") {
  ListenerBench bench;
  ScriptedAnnouncer announcer;
  announcer.header.leap = Leap::unsynchronised;
  bench.hear(announcer);
  CHECK(bench.status().state == State::searching);
  CHECK(bench.status().reason == Reason::announcer_unsynchronised);
  CHECK(bench.status().announcements == 0);
  announcer.header.leap = Leap::none;
  bench.live({&announcer}, s(60));
  CHECK(bench.status().state == State::synchronised);
  announcer.header.leap = Leap::unsynchronised;
  bench.live({&announcer}, s(10));
  CHECK(bench.status().state == State::holdover);
  CHECK(bench.status().reason == Reason::announcer_unsynchronised);
  bench.pass(s(20));
  CHECK(bench.status().reason == Reason::silence);
}

TEST_CASE("core: an announcer that is missed is asked soon whether it is still there") {
  ListenerBench bench;
  ScriptedAnnouncer announcer;
  bench.live({&announcer}, s(600));
  const std::uint32_t asked = bench.status().queries;
  const Timestamp<Boot> last_heard = bench.now.boot;
  // Nobody announces, but what is asked is answered.
  ScriptedAnnouncer mute = announcer;
  while (bench.status().queries == asked) bench.next_query(mute);
  CHECK(bench.now.boot - last_heard < s(8));
  CHECK(bench.status().state == State::holdover);
  bench.hear(mute.reply(bench.query, bench.now), bench.arrival(mute.from, kSelf));
  CHECK(bench.status().state == State::synchronised);
  CHECK(bench.status().reason == Reason::unicast_alone);
  bench.hear(announcer);
  CHECK(bench.status().reason == Reason::agreeing);
}

TEST_CASE("core: an announcer that neither announces nor answers is asked ever more rarely") {
  ListenerBench bench;
  ScriptedAnnouncer announcer;
  bench.live({&announcer}, s(600));
  const std::uint32_t asked = bench.status().queries;
  bench.live({}, s(3'600));
  CHECK(bench.status().state == State::holdover);
  CHECK(bench.status().queries - asked > 3);
  CHECK(bench.status().queries - asked < 90);
}

}  // namespace timecast::test
