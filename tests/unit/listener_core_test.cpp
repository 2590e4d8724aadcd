// SPDX-License-Identifier: MIT
//
// What a listener does with what it hears: core.cpp through listener.hpp. When clocks jump:
// listener_core_time_test.cpp. Whom it trusts: listener_core_trust_test.cpp. What it refuses:
// listener_rejects_test.cpp.
#include "tests/unit/listener_bench.hpp"

namespace timecast::test {
namespace {

Duration us(std::int64_t n) { return Duration::microseconds(n); }
Duration ms(std::int64_t n) { return Duration::milliseconds(n); }
Duration s(std::int64_t n) { return Duration::seconds(n); }

}  // namespace

TEST_CASE("core: before anything is heard there is nothing to do and nothing to say") {
  ListenerBench bench;
  CHECK_FALSE(bench.core.next_deadline().has_value());
  CHECK(bench.core.on_deadline(bench.now).empty());
  CHECK(bench.status().state == State::searching);
  CHECK(bench.status().reason == Reason::nothing_heard);
  bench.hear(Datagram(48, 0x25), bench.arrival({Address::ipv4(192, 0, 2, 1), 123, 2}));
  CHECK(bench.status().state == State::searching);
  CHECK(bench.status().reason == Reason::everything_refused);
}

TEST_CASE("core: the first announcement gives a tentative time with a wide bound") {
  ListenerBench bench;
  ScriptedAnnouncer announcer;
  bench.hear(announcer);
  const ListenerStatus status = bench.status();
  CHECK(status.state == State::tentative);
  CHECK(status.reason == Reason::delay_unverified);
  CHECK(magnitude(status.offset - announcer.ahead) <= us(1));
  CHECK(status.bound >= ms(10));
  CHECK_FALSE(status.lateness_bounded);
  CHECK(status.announcer == announcer.from);
  CHECK(status.key == sim::toy_signer(1).key);
  CHECK(status.interval == s(1));
}

TEST_CASE("core: the announcer is asked where it announces, by a challenge, and then it counts") {
  ListenerBench bench;
  ScriptedAnnouncer announcer;
  announcer.delay = us(300);
  bench.hear(announcer);
  for (int i = 0; i < 3; ++i) {
    const std::vector<Effect> effects = bench.next_deadline();
    if (effects.empty()) continue;
    REQUIRE(effects.size() == 1);
    CHECK(effects[0].to == announcer.from);
    CHECK(bench.query.size() == kAnnouncementPacketOctets);
    break;
  }
  CHECK(bench.status().queries == 1);
  bench.live({&announcer}, s(5));
  const ListenerStatus status = bench.status();
  CHECK(status.state == State::synchronised);
  CHECK(status.lateness_bounded);
  CHECK(status.exchanges >= 3);
  CHECK(magnitude(status.delay - us(300)) <= us(40));
  CHECK(magnitude(status.round_trip - us(600)) <= us(80));
  CHECK(magnitude(status.offset - announcer.ahead) <= us(20));
  CHECK(magnitude(status.offset - announcer.ahead) <= status.error);
}

TEST_CASE("core: started anew it knows nothing, and what it hears counts as by its first start") {
  ListenerBench bench;
  ScriptedAnnouncer announcer;
  bench.live({&announcer}, s(5));
  CHECK(bench.status().state == State::synchronised);
  ListenerConfig config;
  config.signatures = SignatureMode::off;
  bench.restart(config);
  CHECK(bench.status().state == State::searching);
  CHECK(bench.status().reason == Reason::nothing_heard);
  CHECK(bench.status().announcements == 0);
  CHECK_FALSE(bench.core.next_deadline().has_value());
  bench.live({&announcer}, s(5));
  CHECK(bench.query.size() == kHeaderOctets);
  CHECK(bench.status().state == State::synchronised);
}

TEST_CASE("core: another largest bound holds at once and forgets nothing") {
  ListenerBench bench;
  ScriptedAnnouncer announcer;
  bench.live({&announcer}, s(5));
  const ListenerStatus before = bench.status();
  CHECK(before.state == State::synchronised);
  bench.core.set_max_bound(Duration::nanoseconds(1));
  CHECK(bench.status().state == State::lost);
  CHECK(bench.status().reason == Reason::bound_too_large);
  bench.core.set_max_bound(s(1));
  CHECK(described(bench.status()) == described(before));
}

TEST_CASE("core: without signatures a plain query will do") {
  ListenerConfig config;
  config.signatures = SignatureMode::off;
  ListenerBench bench{config};
  ScriptedAnnouncer announcer;
  bench.live({&announcer}, s(5));
  CHECK(bench.query.size() == kHeaderOctets);
  CHECK(bench.status().state == State::synchronised);
}

TEST_CASE("core: two chains of one key are two sources") {
  ListenerBench bench;
  ScriptedAnnouncer first = announcer_of(1, 7);
  ScriptedAnnouncer second = announcer_of(1, 8);
  second.announcement.sequence = 5;  // far below the first one's
  second.answers = false;            // they are one: the first answers for both
  bench.live({&first, &second}, s(10));
  CHECK(bench.status().sources == 2);
  CHECK(bench.status().announcements == 20);
  CHECK(bench.status().rejected.total() == 0);
}

TEST_CASE("core: an announcer that restarts is followed without a break") {
  ListenerBench bench;
  ScriptedAnnouncer before = announcer_of(1, 7);
  bench.live({&before}, s(60));
  ScriptedAnnouncer after = announcer_of(1, 4'711);
  after.announcement.sequence = before.announcement.sequence + 10;
  for (int second = 0; second < 20; ++second) {
    bench.live({&after}, s(1));
    const ListenerStatus status = bench.status();
    CHECK((status.state == State::synchronised || status.state == State::holdover));
    CHECK(magnitude(status.offset - after.ahead) <= us(5));
    CHECK(status.bound <= ms(1));
    if (second > 6) CHECK(status.state == State::synchronised);
  }
}

TEST_CASE("core: however often an announcer restarts, it is heard") {
  ListenerBench bench;
  for (std::uint16_t start = 0; start < 12; ++start) {
    ScriptedAnnouncer announcer = announcer_of(1, start);
    bench.live({&announcer}, s(8));
    CHECK(bench.status().state == State::synchronised);
  }
  CHECK(bench.status().rejected[Reject::table_full] == 0);
}

TEST_CASE("core: no state asks for its deadline in vain") {
  struct Row {
    std::string_view name;
    bool announces;
    bool answers;
    std::uint32_t most_calls;  // in six hours
  };
  // Two calls a query: it goes out, and its time is over.
  const Row rows[] = {
      {"announcer answers", true, true, 21'600 / 16 * 2 + 100},
      {"announcer does not answer", true, false, 21'600 / 70 * 2 + 100},
      {"announcer falls silent", false, false, 21'600 / 70 * 2 + 100},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    ListenerBench bench;
    ScriptedAnnouncer announcer;
    ScriptedAnnouncer other = announcer_of(2);
    bench.live({&announcer, &other}, s(30));
    const Timestamp<Boot> end = bench.now.boot + s(21'600);
    Timestamp<Boot> announce = bench.now.boot;
    std::uint32_t calls = 0;
    while (bench.now.boot < end && calls < 100'000) {
      const Timestamp<Boot> due = bench.core.next_deadline().value();
      if (row.announces && announce < due) {
        bench.pass(std::max(announce - bench.now.boot, Duration{}));
        bench.hear(announcer);
        bench.hear(other);
        announce = announce + s(1);
        continue;
      }
      bench.pass(std::max(due - bench.now.boot, Duration{}));
      ++calls;
      for (const Effect& effect : bench.deadline()) {
        if (!row.answers) continue;
        bench.pass(announcer.delay * 2);
        ScriptedAnnouncer& asked = effect.to == announcer.from ? announcer : other;
        bench.hear(asked.reply(bench.query, bench.now), bench.arrival(asked.from, kSelf));
      }
    }
    CHECK(calls <= row.most_calls * 2);  // two sources
    CHECK(bench.now.boot >= end);
  }
}

}  // namespace timecast::test
