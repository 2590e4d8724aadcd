// SPDX-License-Identifier: MIT
//
// What a stream that is not signed counts beside those that are.
#include "tests/unit/listener_foreign.hpp"

namespace timecast::test {
namespace {

Duration s(std::int64_t n) { return Duration::seconds(n); }

}  // namespace

TEST_CASE("plain: it pins no key and does not begin the time of first use") {
  for (const bool listen_only : {false, true}) {
    ListenerConfig config;
    config.listen_only = listen_only;
    ListenerBench bench{config};
    ScriptedAnnouncer sender = sender_of(9);
    live(bench, sender, s(700));
    ScriptedAnnouncer first = announcer_of(1);
    ScriptedAnnouncer second = announcer_of(2);
    bench.live({&first, &second}, s(20));
    CHECK(bench.status().rejected[Reject::unknown_key] == 0);
    CHECK(bench.status().sources == 2);
    CHECK_FALSE(bench.status().plain);
  }
}

TEST_CASE("plain: a signed announcer takes over once it is measured, and stays") {
  ListenerBench bench;
  ScriptedAnnouncer sender = sender_of(9);
  live(bench, sender, s(30));
  REQUIRE(bench.status().plain);
  REQUIRE(bench.status().state == State::synchronised);
  ScriptedAnnouncer announcer;
  announcer.header.root_dispersion = NtpShort{0x1000};  // a wider bound is no reason to stay away
  for (int second = 0; second < 30; ++second) {
    hear(bench, sender);
    bench.live({&announcer}, s(1));
    CHECK(bench.status().state <= State::synchronised);
    if (second <= 5) continue;  // three of its announcements must agree
    CHECK(bench.status().state == State::synchronised);
    CHECK_FALSE(bench.status().plain);
  }
}

TEST_CASE("plain: a signed announcer that has fallen silent is held over, a lost one is not") {
  ListenerBench bench;
  ScriptedAnnouncer sender = sender_of(9);
  ScriptedAnnouncer announcer;
  bench.live({&announcer}, s(60));
  live(bench, sender, s(60));
  CHECK_FALSE(bench.status().plain);
  CHECK(bench.status().state == State::holdover);
  bench.pass(s(200'000));
  live(bench, sender, s(60));
  CHECK(bench.status().plain);
  CHECK(bench.status().state == State::tentative);
}

TEST_CASE("plain: however many there are, a signed announcer finds room, and keeps it") {
  ListenerBench bench;
  constexpr std::uint8_t kSenders = kMaxSources + 4;
  for (std::uint8_t i = 0; i < kSenders; ++i) {
    ScriptedAnnouncer sender = sender_of(static_cast<std::uint8_t>(100 + i));
    hear(bench, sender);
  }
  CHECK(bench.status().rejected[Reject::table_full] == 4);
  ScriptedAnnouncer announcer;
  bench.live({&announcer}, s(5));  // none of them has been there for long, or is silent for it
  CHECK(bench.status().rejected[Reject::table_full] == 4);
  bench.live({&announcer}, s(5));
  CHECK(bench.status().state == State::synchronised);
  CHECK_FALSE(bench.status().plain);

  std::vector<ScriptedAnnouncer> senders;
  for (std::uint8_t i = 0; i < kSenders; ++i) {
    senders.push_back(sender_of(static_cast<std::uint8_t>(100 + i)));
  }
  for (int second = 0; second < 30; ++second) {
    for (ScriptedAnnouncer& sender : senders) hear(bench, sender);
    bench.live({&announcer}, s(1));
    CHECK(bench.status().state == State::synchronised);
    CHECK_FALSE(bench.status().plain);
  }
}

}  // namespace timecast::test
