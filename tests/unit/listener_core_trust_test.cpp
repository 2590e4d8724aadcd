// SPDX-License-Identifier: MIT
//
// Whom a listener trusts, and what nobody can do to it: core.cpp.
#include <algorithm>

#include "tests/unit/listener_foreign.hpp"

namespace timecast::test {
namespace {

Duration ms(std::int64_t n) { return Duration::milliseconds(n); }
Duration s(std::int64_t n) { return Duration::seconds(n); }

// Announcements of `recorded`, answers of `today`, a second each. Returns how many answers came,
// and leaves what the clock was told after the first of them.
int seconds_refuted(ListenerBench& bench, ScriptedAnnouncer& recorded, ScriptedAnnouncer& today,
                    int seconds) {
  int answers = 0;
  for (int i = 0; i < seconds; ++i) {
    bench.query.clear();
    bench.live({&recorded}, s(1));
    if (bench.query.empty()) continue;
    const std::uint32_t before = bench.status().rejected[Reject::implausible_exchange];
    bench.hear(today.reply(bench.query, bench.now), bench.arrival(today.from, kSelf));
    if (bench.status().rejected[Reject::implausible_exchange] == before) continue;
    if (++answers == 1) bench.steered.clear();
  }
  return answers;
}

bool nothing_is_moved(const std::vector<Effect>& steered) {
  return std::all_of(steered.begin(), steered.end(), [](const Effect& effect) {
    return effect.kind == EffectKind::slew && effect.amount == Duration{};
  });
}

}  // namespace

TEST_CASE("core: who only listens never sends, learns the key, and is not deaf after ten minutes") {
  ListenerConfig config;
  config.listen_only = true;
  ListenerBench bench{config};
  ScriptedAnnouncer announcer;
  bench.live({&announcer}, s(1'200));
  CHECK_FALSE(bench.core.next_deadline().has_value());
  const ListenerStatus status = bench.status();
  CHECK(status.state == State::tentative);
  CHECK(status.reason == Reason::listen_only);
  CHECK(status.queries == 0);
  CHECK(status.announcements == 1'200);
  ScriptedAnnouncer stranger = announcer_of(2);
  bench.hear(stranger);
  CHECK(bench.status().rejected[Reject::unknown_key] == 1);
}

TEST_CASE("core: while listening only two announcements do not make a key known") {
  ListenerConfig config;
  config.listen_only = true;
  ListenerBench bench{config};
  ScriptedAnnouncer first = announcer_of(1);
  bench.live({&first}, s(2));
  bench.pass(s(1'000));
  ScriptedAnnouncer second = announcer_of(2);
  bench.live({&second}, s(10));
  CHECK(bench.status().rejected[Reject::unknown_key] == 0);
  bench.hear(first);
  CHECK(bench.status().rejected[Reject::unknown_key] == 1);
}

TEST_CASE("core: an announcer that never answers is followed for ever, and never trusted") {
  ListenerBench bench;
  ScriptedAnnouncer announcer;
  announcer.answers = false;
  bench.live({&announcer}, s(3'600));
  const ListenerStatus status = bench.status();
  CHECK(status.state == State::tentative);
  CHECK(status.reason == Reason::delay_unverified);
  CHECK(status.announcements == 3'600);
  CHECK(status.queries <= 3'600 / 70 + 10);
  CHECK(status.queries >= 3'600 / 142);
}

TEST_CASE("core: a copy in the other family is a duplicate, whoever sends it") {
  constexpr Address kSomebody{Family::ipv6, {0xFE, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9}};
  constexpr Address kGroup6{Family::ipv6, {0xFF, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1}};
  ListenerBench bench;
  ScriptedAnnouncer announcer;
  bench.live({&announcer}, s(10));
  const Datagram octets = announcer.announce(bench.now);
  bench.hear(octets, bench.arrival(announcer.from));
  const std::string before = described(bench.status());
  bench.hear(octets, bench.arrival({kSomebody, 40'000, announcer.from.interface}, kGroup6));
  CHECK(described(bench.status()) == before);
  CHECK(bench.status().rejected[Reject::duplicate] == 1);
}

TEST_CASE("core: a kiss of death stops nobody") {
  ListenerConfig config;
  config.signatures = SignatureMode::off;
  ListenerBench bench{config};
  ScriptedAnnouncer announcer;
  announcer.answers = false;
  std::uint32_t kisses = 0;
  for (int i = 0; i < 1'800; ++i) {
    bench.live({&announcer}, s(1));
    if (bench.status().queries == kisses) continue;
    ++kisses;
    ScriptedAnnouncer copy = announcer;
    static_cast<void>(copy.reply(bench.query, bench.now));
    copy.header.stratum = 0;
    copy.header.reference_id = {'R', 'A', 'T', 'E'};
    const HeaderOctets kiss = encode(copy.header);
    bench.hear({kiss.begin(), kiss.end()}, bench.arrival(announcer.from, kSelf));
  }
  CHECK(kisses >= 1'800 / 142);
  CHECK(bench.status().rejected[Reject::kiss_of_death] >= kisses / 2);
  announcer.answers = true;
  bench.live({&announcer}, s(150));
  CHECK(bench.status().state == State::synchronised);
}

TEST_CASE("core: keys that somebody made up do not keep the genuine announcer out") {
  ListenerBench bench;
  std::vector<ScriptedAnnouncer> made_up;
  for (std::uint8_t i = 0; i < 4; ++i) {
    made_up.push_back(announcer_of(static_cast<std::uint8_t>(50 + i)));
    made_up.back().answers = false;
    made_up.back().ahead = s(3'600);
  }
  ScriptedAnnouncer genuine = announcer_of(1);
  std::vector<ScriptedAnnouncer*> all;
  all.reserve(made_up.size() + 1);
  for (ScriptedAnnouncer& each : made_up) all.push_back(&each);
  bench.live(all, s(5));
  CHECK(bench.status().key == sim::toy_signer(50).key);  // whoever comes first, tentatively
  CHECK(bench.status().state == State::tentative);
  all.push_back(&genuine);
  bench.live(all, s(25));
  CHECK(bench.status().key == sim::toy_signer(1).key);
  CHECK(bench.status().state == State::synchronised);
  bench.live(all, s(1'200));
  CHECK(bench.status().key == sim::toy_signer(1).key);
  CHECK(bench.status().state == State::synchronised);
  CHECK(bench.status().rejected[Reject::unknown_key] > 0);  // and now they are refused
}

TEST_CASE("core: with a full table a pinned key gets its place at once") {
  ListenerBench bench;
  ScriptedAnnouncer genuine = announcer_of(1, 7);
  bench.live({&genuine}, s(5));
  std::vector<ScriptedAnnouncer> made_up;
  for (std::uint8_t i = 0; i < 3; ++i) {
    made_up.push_back(announcer_of(static_cast<std::uint8_t>(50 + i)));
    bench.hear(made_up.back());
  }
  ScriptedAnnouncer restarted = announcer_of(1, 8);
  bench.hear(restarted);
  CHECK(bench.status().rejected[Reject::table_full] == 0);
}

TEST_CASE("core: announcements of long ago are not trusted, whoever answers for their sender") {
  // A record is played at its pace in the name of an announcer that answers, today, with its key.
  ListenerBench bench;
  ScriptedAnnouncer recorded;
  recorded.ahead = s(-30'000);
  recorded.answers = false;
  ScriptedAnnouncer today;
  for (int i = 0; i < 120; ++i) {
    bench.live({&recorded}, s(1));
    if (bench.query.empty()) continue;
    bench.hear(today.reply(bench.query, bench.now), bench.arrival(today.from, kSelf));
  }
  CHECK(bench.status().rejected[Reject::implausible_exchange] > 3);
  CHECK(bench.status().exchanges == 0);
  CHECK(bench.status().state == State::tentative);
  CHECK_FALSE(bench.status().lateness_bounded);
}

TEST_CASE(
    "core: announcements that a signed reply puts more than a second back are trusted no more") {
  ListenerBench bench;
  ScriptedAnnouncer held_back;
  bench.live({&held_back}, s(60));
  REQUIRE(bench.status().lateness_bounded);
  ScriptedAnnouncer today = held_back;
  today.ahead += ms(1'200);
  today.interleaves = false;  // it would tell of the exchange before
  const Datagram query = bench.next_query(today);
  bench.hear(today.reply(query, bench.now), bench.arrival(today.from, kSelf));
  CHECK(bench.status().rejected[Reject::implausible_exchange] == 1);
  CHECK(bench.status().state == State::searching);
  held_back.answers = false;
  bench.live({&held_back}, s(60));
  CHECK(bench.status().state == State::tentative);
  CHECK_FALSE(bench.status().lateness_bounded);
  held_back.answers = true;  // and who agrees with his announcements is trusted again
  bench.live({&held_back}, s(150));
  CHECK(bench.status().state == State::synchronised);
}

TEST_CASE("core: a record that a signed answer has refuted steers no clock") {
  ListenerConfig config;
  config.steer = true;
  ListenerBench bench{config};
  ScriptedAnnouncer recorded;
  recorded.ahead = s(-20 * 3'600);  // what the pivot lets through
  recorded.answers = false;
  ScriptedAnnouncer today;
  CHECK(seconds_refuted(bench, recorded, today, 600) > 5);
  CHECK(bench.status().state == State::tentative);
  CHECK_FALSE(bench.steered.empty());
  CHECK(nothing_is_moved(bench.steered));
}

TEST_CASE("core: announcements that are held back for ten seconds steer no clock once refuted") {
  ListenerConfig config;
  config.steer = true;
  ListenerBench bench{config};
  ScriptedAnnouncer today;
  today.interleaves = false;
  bench.live({&today}, s(120));
  REQUIRE(bench.status().lateness_bounded);
  bench.pass(s(10));
  ScriptedAnnouncer held_back = today;
  held_back.ahead += s(-10);
  held_back.answers = false;
  bench.live({&held_back}, s(6));  // what it asks meanwhile is lost
  CHECK(seconds_refuted(bench, held_back, today, 600) > 5);
  CHECK(nothing_is_moved(bench.steered));
  // Once they come as they are sent, and an answer agrees with them, they are followed again.
  today.announcement.sequence = held_back.announcement.sequence;
  bench.steered.clear();
  bench.live({&today}, s(120));
  CHECK(bench.status().state == State::synchronised);
  CHECK_FALSE(nothing_is_moved(bench.steered));
}

TEST_CASE("core: who contradicts what was heard is asked at once, if he signs") {
  ListenerBench bench;
  ScriptedAnnouncer announcer;
  bench.live({&announcer}, s(120));
  const std::uint32_t before = bench.status().queries;
  announcer.ahead += s(-10);
  announcer.answers = false;
  bench.live({&announcer}, ms(5));
  CHECK(bench.status().rejected[Reject::timeline_break] == 1);
  CHECK(bench.status().queries == before + 1);
  bench.live({&announcer}, s(1));  // it has not answered
  CHECK(bench.status().rejected[Reject::timeline_break] == 2);
  CHECK(bench.status().queries == before + 1);
}

TEST_CASE("core: a plain announcement that contradicts what was heard has nobody asked") {
  ListenerBench bench{config_with(SignatureMode::off)};
  ScriptedAnnouncer sender = sender_of(1);
  live(bench, sender, s(120));
  const std::uint32_t before = bench.status().queries;
  for (int i = 0; i < 2; ++i) {
    ScriptedAnnouncer forged = sender;
    forged.ahead += s(10 + 5 * i);
    hear(bench, forged);
    CHECK(bench.deadline().empty());
    bench.pass(ms(5));
    CHECK(bench.deadline().empty());
  }
  CHECK(bench.status().rejected[Reject::timeline_break] == 2);
  CHECK(bench.status().queries == before);
}

TEST_CASE("core: an announcer whose disk was restored is heard again after a signed reply") {
  ListenerBench bench;
  ScriptedAnnouncer announcer;
  bench.live({&announcer}, s(60));
  announcer.announcement.sequence = 5;  // by chance with the same chain
  bench.live({&announcer}, s(40));
  CHECK(bench.status().rejected[Reject::replayed] > 0);
  const std::uint32_t before = bench.status().announcements;
  bench.live({&announcer}, s(10));
  CHECK(bench.status().announcements == before + 10);
  CHECK(bench.status().state == State::synchronised);
}

TEST_CASE("core: a signed reply ends replays of what was missed before it") {
  ListenerBench bench;
  ScriptedAnnouncer announcer;
  bench.live({&announcer}, s(60));
  std::vector<Datagram> missed;
  for (int i = 0; i < 40; ++i) {
    bench.pass(s(1));
    missed.push_back(announcer.announce(bench.now));
  }
  const Datagram query = bench.next_query(announcer);
  bench.hear(announcer.reply(query, bench.now), bench.arrival(announcer.from, kSelf));
  const std::uint32_t before = bench.status().announcements;
  for (const Datagram& each : missed) bench.hear(each, bench.arrival(announcer.from));
  CHECK(bench.status().announcements == before);
  const RejectCounters rejected = bench.status().rejected;
  CHECK(rejected[Reject::replayed] + rejected[Reject::duplicate] == 40);
}

TEST_CASE("core: a signed reply that overtakes announcements does not shut them out") {
  ListenerBench bench;
  ScriptedAnnouncer announcer;
  bench.live({&announcer}, s(60));
  const Datagram query = bench.next_query(announcer);
  std::vector<Datagram> late;
  late.push_back(announcer.announce(bench.now));
  late.push_back(announcer.announce(bench.now));
  bench.hear(announcer.reply(query, bench.now), bench.arrival(announcer.from, kSelf));
  const std::uint32_t before = bench.status().announcements;
  for (const Datagram& each : late) bench.hear(each, bench.arrival(announcer.from));
  CHECK(bench.status().announcements == before + 2);
}

TEST_CASE("core: what a sender says beyond all reason harms nobody") {
  ListenerConfig config;
  config.signatures = SignatureMode::off;
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    ListenerBench bench{config, seed};
    ScriptedAnnouncer announcer;
    const std::uint64_t extremes[] = {0,
                                      1,
                                      ~std::uint64_t{0},
                                      std::uint64_t{1} << 63U,
                                      (std::uint64_t{1} << 63U) - 1,
                                      to_ntp(Timestamp<Announced>{kEpoch}).bits()};
    const auto any = [&] {
      const std::uint64_t word = bench.random.word();
      return word % 3 == 0 ? bench.random.word() : extremes[word % 6];
    };
    const auto spoilt = [&](auto good) {
      return bench.random.word() % 12 == 0 ? static_cast<decltype(good)>(any()) : good;
    };
    for (int i = 0; i < 5'000; ++i) {
      const NtpTimestamp now = to_ntp(Timestamp<Announced>{bench.now.realtime.since_epoch()});
      Header h = announcer.header;
      h.transmit = NtpTimestamp{spoilt(now.bits())};
      h.reference = NtpTimestamp{spoilt(h.transmit.bits())};
      h.origin = NtpTimestamp{spoilt(now.bits() - (std::uint64_t{1} << 32U))};
      h.receive = NtpTimestamp{spoilt(now.bits())};
      h.root_delay = NtpShort{spoilt(std::uint32_t{7})};
      h.mode = i % 5 == 0 ? Mode::server : Mode::broadcast;
      Announcement a = announcer.announcement;
      a.sequence = i % 500 == 0 ? any() : static_cast<std::uint64_t>(1'000 + i);
      a.interval_ms = spoilt(a.interval_ms);
      a.query_spread = spoilt(a.query_spread);
      a.flags = spoilt(a.flags);
      a.chain = spoilt(a.chain);
      if (h.mode == Mode::server && bench.query.size() == kHeaderOctets) {
        h.origin = NtpTimestamp{read_big_endian<std::uint64_t>(bench.query, kTransmitOffset)};
      }
      bench.hear(signed_packet(h, a, 1),
                 bench.arrival(announcer.from, h.mode == Mode::server ? kSelf : kGroup));
      bench.pass(bench.random.entropy().between(Duration{}, i % 100 == 0 ? s(5'000) : ms(900)));
      for (std::size_t k = 0; k < kMaxSources; ++k) static_cast<void>(bench.deadline());
      const ListenerStatus status = bench.status();
      REQUIRE(status.error >= Duration{});
      REQUIRE(status.bound >= status.error);
      REQUIRE(magnitude(Duration::from_seconds(status.frequency.to_ratio())) <= ms(2));
      if (const auto due = bench.core.next_deadline()) REQUIRE(*due > bench.now.boot);
    }
    CHECK(bench.status().announcements > 1'000);
    CHECK(bench.status().exchanges > 10);
  }
}

}  // namespace timecast::test
