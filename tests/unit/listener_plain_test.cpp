// SPDX-License-Identifier: MIT
//
// Foreign senders, that sign nothing: heard where the host asks for it, and what is taken of them.
// What their word counts beside others': listener_plain_trust_test.cpp.
#include <initializer_list>
#include <string_view>

#include "tests/unit/listener_foreign.hpp"

namespace timecast::test {
namespace {

// What the departure of a reply may be off that was written before it was known; nobody here tells
// it afterwards.
constexpr Duration kWritten = Duration::microseconds(50);

Duration us(std::int64_t n) { return Duration::microseconds(n); }
Duration ms(std::int64_t n) { return Duration::milliseconds(n); }
Duration s(std::int64_t n) { return Duration::seconds(n); }

// What the poll field says, and what is true.
struct Claim {
  std::int8_t poll;
  std::int64_t interval_s;
};
constexpr Claim kClaims[] = {{3, 9}, {0, 7}, {10, 1}, {-6, 3}, {127, 64}};

}  // namespace

TEST_CASE("plain: a packet without a field counts where the host asks for it and nowhere else") {
  for (const auto mode : {SignatureMode::off, SignatureMode::first_use, SignatureMode::pinned}) {
    CAPTURE(static_cast<int>(mode));
    ListenerBench bench{config_with(mode)};
    ScriptedAnnouncer sender = sender_of(9);
    Arrival arrival = told(bench, sender);
    arrival.may_be_plain = false;
    arrival.hop_limit = 255;
    bench.hear(plain(sender, bench.now), arrival);
    CHECK(bench.status().rejected[Reject::no_announcement] == 1);
    CHECK(bench.status().state == State::searching);

    hear(bench, sender);
    const ListenerStatus status = bench.status();
    CHECK(status.state == State::tentative);
    CHECK(status.plain);
    CHECK(status.key == PublicKey{});
    CHECK(status.announcer == sender.from);
    CHECK(magnitude(status.offset - sender.ahead) <= us(1));
    CHECK(status.bound >= ms(10));
    CHECK_FALSE(status.lateness_bounded);
  }
}

TEST_CASE("plain: each thing that is wrong has its verdict, and what is not wrong passes") {
  using Spoil = void (*)(Datagram&, Arrival&);
  struct Row {
    std::string_view name;
    std::optional<Reject> verdict;
    Spoil spoil;
  };
  const Row rows[] = {
      {"as it is", std::nullopt, [](Datagram&, Arrival&) {}},
      {"to a broadcast address", std::nullopt,
       [](Datagram&, Arrival& a) { a.to = kSubnetBroadcast; }},
      {"version 3", std::nullopt, [](Datagram& d, Arrival&) { d[0] ^= 0x38; }},
      {"version 2", Reject::bad_version, [](Datagram& d, Arrival&) { d[0] ^= 0x30; }},
      {"with a MAC of 20", std::nullopt, [](Datagram& d, Arrival&) { d.resize(68, 1); }},
      {"with a MAC of 24", std::nullopt, [](Datagram& d, Arrival&) { d.resize(72, 1); }},
      {"version 3 with a MAC", std::nullopt,
       [](Datagram& d, Arrival&) {
         d[0] ^= 0x38;
         d.resize(68, 1);
       }},
      {"a crypto-NAK", Reject::unknown_mac, [](Datagram& d, Arrival&) { d.resize(52, 0); }},
      {"a crypto-NAK where a key is wanted", Reject::unknown_mac,
       [](Datagram& d, Arrival& a) {
         d.resize(52, 0);
         a.mac = Reject::unknown_mac;
       }},
      {"no MAC where one is wanted", Reject::missing_mac,
       [](Datagram&, Arrival& a) { a.mac = Reject::missing_mac; }},
      {"of a clock that is not synchronised, with a wrong MAC", Reject::bad_mac,
       [](Datagram& d, Arrival& a) {
         d[0] |= 0xC0;
         a.mac = Reject::bad_mac;
       }},
      {"half a MAC", Reject::bad_mac_length, [](Datagram& d, Arrival&) { d.resize(56, 1); }},
      {"mode 4", Reject::bad_destination, [](Datagram& d, Arrival&) { d[0] ^= 1; }},
      {"mode 3", Reject::bad_mode, [](Datagram& d, Arrival&) { d[0] ^= 6; }},
      {"leap 3", Reject::unsynchronised, [](Datagram& d, Arrival&) { d[0] |= 0xC0; }},
      {"stratum 0", Reject::bad_stratum, [](Datagram& d, Arrival&) { d[1] = 0; }},
      {"stratum 16", Reject::bad_stratum, [](Datagram& d, Arrival&) { d[1] = 16; }},
      {"far from the truth", Reject::root_distance_too_large,
       [](Datagram& d, Arrival&) { d[9] = 2; }},
      {"set in the future", Reject::bad_reference_time, [](Datagram& d, Arrival&) { d[16] ^= 1; }},
      {"no transmit time", Reject::zero_transmit,
       [](Datagram& d, Arrival&) { std::fill(d.begin() + 40, d.end(), std::uint8_t{0}); }},
      {"from a group", Reject::bad_source,
       [](Datagram&, Arrival& a) { a.from.address = kPlainGroup; }},
      {"from port 0", Reject::bad_source, [](Datagram&, Arrival& a) { a.from.port = 0; }},
      {"of whom this host is the source", Reject::timing_loop,
       [](Datagram&, Arrival& a) { a.follows_us = true; }},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    ListenerBench bench{config_with(SignatureMode::off)};
    ScriptedAnnouncer sender = sender_of(9);
    Datagram octets = plain(sender, bench.now);
    Arrival arrival = told(bench, sender);
    row.spoil(octets, arrival);
    bench.hear(octets, arrival);
    CHECK(bench.status().announcements == (row.verdict ? 0 : 1));
    CHECK(bench.status().rejected.total() == (row.verdict ? 1 : 0));
    if (row.verdict) CHECK(bench.status().rejected[*row.verdict] == 1);
  }
}

TEST_CASE("plain: what carries a field must be in order, however it came") {
  ListenerBench bench;
  ScriptedAnnouncer announcer;
  Arrival arrival = told(bench, announcer);
  bench.hear(announcer.announce(bench.now), arrival);
  CHECK(bench.status().rejected[Reject::bad_hop_limit] == 1);
  arrival.hop_limit = 255;
  Datagram forged = announcer.announce(bench.now);
  forged[100] ^= 1;
  bench.hear(forged, arrival);
  CHECK(bench.status().rejected[Reject::bad_signature] == 1);
  Datagram cut = announcer.announce(bench.now);
  cut[56] = 9;  // a version of the field that nobody knows
  bench.hear(cut, arrival);
  CHECK(bench.status().rejected[Reject::bad_announcement] == 1);
  bench.hear(announcer.announce(bench.now), arrival);
  CHECK(bench.status().announcements == 1);
  CHECK_FALSE(bench.status().plain);
}

TEST_CASE("plain: the sender is asked by unsigned queries, and measured where no key counts") {
  for (const auto mode : {SignatureMode::off, SignatureMode::first_use}) {
    ListenerBench bench{config_with(mode)};
    ScriptedAnnouncer sender = sender_of(9);
    sender.delay = us(300);
    live(bench, sender, s(8));
    CHECK(bench.query.size() == kHeaderOctets);
    const ListenerStatus status = bench.status();
    CHECK(status.state == State::synchronised);
    CHECK(status.lateness_bounded);
    CHECK(magnitude(status.delay - us(300)) <= kWritten);
    CHECK(magnitude(status.offset - sender.ahead) <= us(20));
    CHECK(magnitude(status.offset - sender.ahead) <= status.error);
    CHECK(status.bound < ms(1));
  }
}

TEST_CASE("plain: where keys count it never gets beyond tentative, though the delay is measured") {
  ListenerBench bench{config_with(SignatureMode::pinned)};
  ScriptedAnnouncer sender = sender_of(9);
  live(bench, sender, s(30));
  const ListenerStatus status = bench.status();
  CHECK(status.state == State::tentative);
  CHECK(status.reason == Reason::not_signed);
  CHECK_FALSE(status.lateness_bounded);
  CHECK(status.exchanges > 3);
  CHECK(magnitude(status.offset - sender.ahead) <= kWritten / 5);
}

TEST_CASE("plain: who does not answer, or is not asked, stays tentative") {
  for (const bool listen_only : {false, true}) {
    ListenerConfig config = config_with(SignatureMode::off);
    config.listen_only = listen_only;
    ListenerBench bench{config};
    ScriptedAnnouncer sender = sender_of(9);
    sender.answers = false;
    live(bench, sender, s(60));
    CHECK(bench.status().state == State::tentative);
    CHECK((bench.status().queries == 0) == listen_only);
    CHECK_FALSE(bench.status().lateness_bounded);
  }
}

TEST_CASE("plain: its transmit time must advance") {
  ListenerBench bench{config_with(SignatureMode::off)};
  ScriptedAnnouncer sender = sender_of(9);
  live(bench, sender, s(30));
  const Datagram old = plain(sender, bench.now);
  bench.hear(old, told(bench, sender));
  bench.pass(s(1));
  const Datagram newer = plain(sender, bench.now);
  bench.hear(newer, told(bench, sender));
  const std::string before = described(bench.status());
  bench.hear(newer, told(bench, sender));
  CHECK(bench.status().rejected[Reject::duplicate] == 1);
  bench.hear(old, told(bench, sender));
  CHECK(bench.status().rejected[Reject::replayed] == 1);
  CHECK(described(bench.status()) == before);
}

TEST_CASE("plain: a clock that was set back is followed after three intervals and four packets") {
  ListenerBench bench{config_with(SignatureMode::off)};
  ScriptedAnnouncer sender = sender_of(9);
  live(bench, sender, s(60));
  const Duration ahead = sender.ahead;
  sender.ahead = ahead - s(3'600);
  for (int i = 1; i <= 6; ++i) {
    hear(bench, sender);
    CHECK(magnitude(bench.status().offset - ahead) <= ms(1));
    bench.pass(s(1));
  }
  hear(bench, sender);
  CHECK(magnitude(bench.status().offset - sender.ahead) <= ms(1));
}

TEST_CASE("plain: a forged packet of far ahead does not shut out the true ones") {
  ListenerBench bench{config_with(SignatureMode::off)};
  ScriptedAnnouncer sender = sender_of(9);
  live(bench, sender, s(60));
  ScriptedAnnouncer forger = sender;
  forger.ahead = s(30LL * 86'400);
  hear(bench, forger);
  CHECK(bench.status().rejected[Reject::timeline_break] == 1);
  live(bench, sender, s(10));
  CHECK(bench.status().rejected.total() == 1);
  CHECK(bench.status().state == State::synchronised);
  CHECK(magnitude(bench.status().offset - sender.ahead) <= kWritten / 5);
}

TEST_CASE("plain: the interval is learnt, whatever the poll field says, and silence is three") {
  for (const Claim& claim : kClaims) {
    CAPTURE(claim.interval_s);
    ListenerBench bench{config_with(SignatureMode::off)};
    ScriptedAnnouncer sender = sender_of(9);
    sender.header.poll = Log2Seconds{claim.poll};
    const Duration interval = s(claim.interval_s);
    hear(bench, sender);
    for (int i = 0; i < 5; ++i) {
      bench.pass(interval);
      CHECK((i == 0 || bench.status().state == State::tentative));
      hear(bench, sender);
      CHECK(bench.status().interval == interval);
    }
    bench.pass(interval * 3);
    CHECK(bench.status().state == State::tentative);
    bench.pass(ms(1));
    CHECK(bench.status().state == State::holdover);
  }
}

TEST_CASE("plain: neither a pause nor two packets at once are taken for the interval") {
  for (const Claim& claim : kClaims) {
    CAPTURE(claim.interval_s);
    ListenerBench bench{config_with(SignatureMode::off)};
    ScriptedAnnouncer sender = sender_of(9);
    sender.header.poll = Log2Seconds{claim.poll};
    const Duration interval = s(claim.interval_s);
    const auto after = [&](Duration gap) {
      bench.pass(gap);
      hear(bench, sender);
      return bench.status().interval;
    };
    hear(bench, sender);
    CHECK(after(interval) == interval);
    CHECK(after(s(3'600)) == interval * 2);
    CHECK(after(interval) == interval);
    CHECK(after(ms(5)) == s(1));
  }
}

TEST_CASE("plain: a packet that tells when the one before left is paired with it") {
  ListenerBench bench{config_with(SignatureMode::off)};
  ScriptedAnnouncer sender = sender_of(9);
  sender.interleaves = true;  // ntpd's xleave
  live(bench, sender, s(20));
  CHECK(bench.status().interleaved);
  CHECK(bench.status().state == State::synchronised);
  CHECK(magnitude(bench.status().offset - sender.ahead) <= us(20));
}

TEST_CASE("plain: one sender to two destinations is two streams") {
  ListenerBench bench{config_with(SignatureMode::off)};
  ScriptedAnnouncer sender = sender_of(9);
  for (int i = 0; i < 5; ++i) {
    for (const Address& to : {kPlainGroup, kSubnetBroadcast}) {
      bench.hear(plain(sender, bench.now), told(bench, sender, to));
    }
    bench.pass(s(1));
  }
  CHECK(bench.status().sources == 2);
  CHECK(bench.status().announcements == 10);
  CHECK(bench.status().interval == s(1));
}

}  // namespace timecast::test
