// SPDX-License-Identifier: MIT
//
// What others have done to listeners of broadcast time, done to ours. Each case is a row of the
// table in docs/security.md, which scripts/attack-table prints.
#include "tests/unit/attack_siege.hpp"

namespace timecast::test {
namespace {

Duration ms(std::int64_t n) { return Duration::milliseconds(n); }
Duration s(std::int64_t n) { return Duration::seconds(n); }

constexpr std::int64_t kYear = 365 * 86'400;

Datagram of_mode(Datagram octets, Mode mode) {
  octets[0] = static_cast<std::uint8_t>((octets[0] & 0xF8U) | static_cast<unsigned>(mode));
  return octets;
}

}  // namespace

TEST_CASE("attack: CVE-2015-7973 a replay at once or three intervals later") {
  const RejectCounters rejected = has_no_effect({[](Siege& x) {
    x.announce(x.recorded.back());
    x.announce(x.recorded[x.recorded.size() - 4]);
  }});
  CHECK(rejected[Reject::duplicate] == kAttack);
  CHECK(rejected[Reject::replayed] == kAttack);
}

TEST_CASE("attack: CVE-2015-7973 the last packet again and again while the announcer is shut out") {
  const auto last = std::make_shared<Datagram>();
  const Attack attack{[last](Siege& x) {
                        if (last->empty()) *last = x.recorded.back();
                        x.announce(*last);
                      },
                      {},
                      {},
                      {},
                      true};
  CHECK(has_no_effect(attack)[Reject::duplicate] == kAttack);
}

TEST_CASE("attack: CVE-2015-7973 all packets in order while the announcer is shut out") {
  const auto next = std::make_shared<std::size_t>(0);
  const Attack attack{[next](Siege& x) {
                        x.announce(x.recorded[*next % kWarmUp]);
                        if (++*next > 4) CHECK(x.bench.status().state == State::holdover);
                      },
                      {},
                      {},
                      {},
                      true};
  const RejectCounters rejected = has_no_effect(attack);
  CHECK(rejected[Reject::replayed] + rejected[Reject::duplicate] == kAttack);
}

TEST_CASE("attack: CVE-2015-7979 one packet of each bad authentication") {
  const Attack attack{[](Siege& x) {
                        const Datagram good = x.announcement();
                        x.announce(spoilt(good));
                        x.announce(x.announcement([](ScriptedAnnouncer& a) { a.key = 9; }));
                        x.announce(cut(cut(good, 48), 52));  // a crypto-NAK
                        x.announce(cut(good, 48));
                        x.announce(cut(good, 168));
                      },
                      {},
                      pinned_to({1})};
  const RejectCounters rejected = has_no_effect(attack);
  CHECK(rejected[Reject::bad_signature] == kAttack);
  CHECK(rejected[Reject::unknown_key] == kAttack);
  CHECK(rejected[Reject::no_announcement] == 2 * kAttack);
  CHECK(rejected[Reject::bad_field_length] == kAttack);
}

TEST_CASE("attack: CVE-2016-7427 a bad signature at other times makes genuine packets no replays") {
  const RejectCounters rejected = has_no_effect({[](Siege& x) {
    for (const Duration by : {s(3'600), s(-86'400), s(68 * kYear), s(49 * kYear)}) {
      x.announce(spoilt(x.announcement([by](ScriptedAnnouncer& a) {
        a.ahead += by;
        a.announcement.sequence += 1'000'000;
      })));
    }
    Datagram zero = x.announcement();
    std::fill_n(zero.begin() + kTransmitOffset, 8, std::uint8_t{0});
    x.announce(zero);
  }});
  CHECK(rejected[Reject::bad_signature] == 5 * kAttack);
}

TEST_CASE("attack: CVE-2016-7428 early packets with another poll make no genuine one early") {
  const RejectCounters rejected = has_no_effect({[](Siege& x) {
    for (const std::int8_t poll : {std::int8_t{0}, std::int8_t{17}}) {
      x.announce(spoilt(x.announcement([poll](ScriptedAnnouncer& a) {
        a.header.poll = Log2Seconds{poll};
        a.announcement.interval_ms = 131'072'000;
      })));
    }
  }});
  CHECK(rejected[Reject::bad_signature] == 2 * kAttack);
}

TEST_CASE("attack: CVE-2016-4956 a forged origin makes no basic stream an interleaved one") {
  const auto forged = [](Siege& x) {
    return x.announcement([&x](ScriptedAnnouncer& a) {
      a.interleaves = true;
      a.last = to_ntp(Timestamp<Announced>{x.bench.now.realtime.since_epoch() - ms(100)});
    });
  };
  const RejectCounters rejected =
      has_no_effect({[forged](Siege& x) {
                       x.announce(spoilt(forged(x)));
                       x.announce(cut(forged(x), 48));
                     },
                     {},
                     {},
                     [](Siege& x) { x.announcer.interleaves = false; }});
  CHECK(rejected[Reject::bad_signature] == kAttack);
  CHECK(rejected[Reject::no_announcement] == kAttack);
}

TEST_CASE("attack: CVE-2016-4956 a genuine announcer may leave and enter interleaved form") {
  Siege x;
  for (const bool interleaves : {true, false, true, false}) {
    x.announcer.interleaves = interleaves;
    x.live(30);
    const ListenerStatus status = x.bench.status();
    CHECK(status.state == State::synchronised);
    CHECK(status.interleaved == interleaves);
    CHECK(magnitude(status.offset - x.announcer.ahead) < status.error);
  }
  CHECK(x.bench.status().rejected.total() == 0);
  CHECK(x.bench.status().announcements == 120);
  seen("120 of 120 packets counted over four changes");
}

TEST_CASE("attack: CVE-2016-1549 a key holder's fifty addresses have one voice") {
  Siege x;
  x.live(kWarmUp);
  std::vector<ScriptedAnnouncer> sybils;
  for (std::uint8_t i = 0; i < 50; ++i) {
    sybils.push_back(announcer_of(9, static_cast<std::uint16_t>(100 + i)));
    sybils.back().from.address.octets[3] = static_cast<std::uint8_t>(100 + i);
    sybils.back().ahead += s(10);
  }
  x.each_second = [&](Siege& y) {
    for (ScriptedAnnouncer& each : sybils) y.bench.hear(each);
  };
  // Each answers what it is asked, so that its word counts as much as that of the first.
  x.each_query = [&](Siege& y) {
    for (ScriptedAnnouncer& each : sybils) {
      y.bench.hear(each.reply(y.bench.query, y.bench.now), y.bench.arrival(each.from, kSelf));
    }
  };
  x.live(kAttack);
  const ListenerStatus status = x.bench.status();
  CHECK(status.key == sim::toy_signer(1).key);
  CHECK(status.state == State::synchronised);
  CHECK(status.announcers == 2);
  CHECK(magnitude(status.offset - x.announcer.ahead) <= status.error);
  seen("followed: the first; streams held: " + std::to_string(status.sources) + " of 51");
}

TEST_CASE("attack: CVE-2015-7974 another trusted key does not speak for this announcer") {
  const Attack attack{{},
                      [](Siege& x) {
                        ScriptedAnnouncer copy = x.announcer;
                        copy.key = 2;
                        x.reply(copy.reply(x.bench.query, x.bench.now));
                      },
                      pinned_to({1, 2})};
  CHECK(has_no_effect(attack)[Reject::unknown_key] > 0);
}

TEST_CASE("attack: CVE-2016-1551 addresses that nobody can send from") {
  const RejectCounters rejected = has_no_effect({[](Siege& x) {
    Address nobody = Address::ipv4(0, 0, 0, 0);
    for (const Address& from : {nobody, Address::ipv4(255, 255, 255, 255),
                                Address::ipv4(224, 0, 0, 1), Address::ipv4(239, 255, 123, 124)}) {
      x.strike(x.announcement(), x.bench.arrival({from, 11'123, 2}));
    }
    x.strike(x.announcement(), x.bench.arrival({x.announcer.from.address, 0, 2}));
  }});
  CHECK(rejected[Reject::bad_source] == 5 * kAttack);
}

TEST_CASE("attack: CVE-2016-4953 a crypto-NAK ends nothing") {
  const Attack attack{[](Siege& x) { x.reply(cut(cut(x.announcement(), 48), 52)); },
                      [](Siege& x) {
                        const Datagram known = x.answer();
                        x.reply(cut(cut(known, 48), 52));
                        x.reply(cut(cut(spoilt(known, 30), 48), 52));
                      }};
  const RejectCounters rejected = has_no_effect(attack);
  CHECK(rejected[Reject::no_announcement] > 0);
  CHECK(rejected[Reject::origin_mismatch] > 0);
}

TEST_CASE("attack: CVE-2016-4955 a bad MAC with the right origin does not use up the query") {
  const Attack attack{{}, [](Siege& x) {
                        const Datagram known = x.answer();
                        x.reply(spoilt(known));
                        Datagram mac = cut(known, 48);
                        mac.resize(68, 0xA5);
                        x.reply(mac);
                      }};
  const RejectCounters rejected = has_no_effect(attack);
  CHECK(rejected[Reject::bad_signature] > 0);
  CHECK(rejected[Reject::no_announcement] > 0);
}

TEST_CASE("attack: CVE-2016-4954 an unsigned packet with the right origin changes no leap") {
  const Attack attack{{}, [](Siege& x) {
                        const auto with_leap = [](Header& h) { h.leap = Leap::insert_second; };
                        x.reply(cut(x.answer(with_leap), 48));
                        x.reply(spoilt(x.answer(with_leap)));
                        CHECK(x.bench.status().leap == Leap::none);
                      }};
  CHECK(has_no_effect(attack)[Reject::no_announcement] > 0);
}

TEST_CASE("attack: CVE-2015-7871 a crypto-NAK of a symmetric peer opens nothing") {
  const RejectCounters rejected = has_no_effect({[](Siege& x) {
    const Datagram nak = cut(cut(x.announcement(), 48), 52);
    x.announce(of_mode(nak, Mode::symmetric_active));
    x.reply(of_mode(nak, Mode::symmetric_active));
    x.reply(of_mode(nak, Mode::symmetric_passive));
  }});
  CHECK(rejected[Reject::bad_mode] == 3 * kAttack);
}

TEST_CASE("attack: CVE-2015-1798 and CVE-2015-1799 a missing MAC is none") {
  const Attack attack{[](Siege& x) {
                        x.announce(cut(x.announcement(), 48));
                        x.announce(of_mode(cut(x.announcement(), 48), Mode::symmetric_active));
                      },
                      [](Siege& x) { x.reply(cut(x.answer(), 48)); }, pinned_to({1})};
  const RejectCounters rejected = has_no_effect(attack);
  CHECK(rejected[Reject::no_announcement] > kAttack);
  CHECK(rejected[Reject::bad_mode] == kAttack);
}

}  // namespace timecast::test
