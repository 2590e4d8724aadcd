// SPDX-License-Identifier: MIT
//
// What others have done to clients that ask, done to our listener's queries, and attacks that this
// project's own ways would invite. Each case is a row of the table in docs/security.md.
#include <set>

#include "tests/unit/attack_siege.hpp"

namespace timecast::test {
namespace {

Duration ms(std::int64_t n) { return Duration::milliseconds(n); }
Duration s(std::int64_t n) { return Duration::seconds(n); }

ListenerConfig unsigned_config() {
  ListenerConfig config;
  config.signatures = SignatureMode::off;
  return config;
}

void set_kiss(Header& h, const char* code) {
  h.leap = Leap::unsynchronised;
  h.stratum = 0;
  for (std::size_t i = 0; i < 4; ++i) h.reference_id[i] = static_cast<std::uint8_t>(code[i]);
}

}  // namespace

TEST_CASE("attack: CVE-2016-1548 an origin that somebody has seen moves no time") {
  const Attack attack{
      [](Siege& x) {
        x.reply(x.answer([](Header& h) { h.transmit = NtpTimestamp{h.transmit.bits() + 1}; }));
      },
      [](Siege& x) {
        // The true time at which the last reply came, which is in no query.
        const NtpTimestamp came =
            to_ntp(Timestamp<Announced>{x.bench.now.realtime.since_epoch() - s(1)});
        x.reply(x.answer([came](Header& h) {
          h.origin = came;
          h.transmit = NtpTimestamp{h.transmit.bits() + (std::uint64_t{100} << 32U)};
        }));
      }};
  const RejectCounters rejected = has_no_effect(attack);
  CHECK(rejected[Reject::unsolicited] > 0);
  CHECK(rejected[Reject::origin_mismatch] > 0);
}

TEST_CASE("attack: CVE-2015-8138 and CVE-2016-7431 origin zero answers nothing") {
  for (const ListenerConfig& config : {ListenerConfig{}, unsigned_config()}) {
    const auto forge = [](Siege& x) { x.reply(x.answer([](Header& h) { h.origin = {}; })); };
    const RejectCounters rejected = has_no_effect({forge, forge, config});
    CHECK(rejected[Reject::unsolicited] > 0);
    CHECK(rejected[Reject::origin_mismatch] > 0);
  }
}

TEST_CASE(
    "attack: CVE-2016-9042 origin zero does not take the place of the origin that is waited for") {
  const Attack attack{{},
                      [](Siege& x) {
                        for (int i = 0; i < 20; ++i) {
                          x.reply(cut(x.answer([](Header& h) { h.origin = {}; }), 48));
                        }
                      },
                      unsigned_config()};
  CHECK(has_no_effect(attack)[Reject::origin_mismatch] >= 20);
}

TEST_CASE("attack: CVE-2018-7184 nothing of a refused reply is in the next query") {
  constexpr NtpTimestamp kPlanted{0x1122'3344'5566'7788U};
  Siege x;
  x.live(kWarmUp);
  int queries = 0;
  x.each_query = [&](Siege& y) {
    ++queries;
    const Octets query{y.bench.query};
    for (std::size_t at = 16; at < 48; at += 8) {
      CHECK(read_big_endian<std::uint64_t>(query, at) != kPlanted.bits());
    }
    y.reply(y.answer([&](Header& h) {
      h.origin = {};
      h.receive = kPlanted;
      h.transmit = kPlanted;
    }));
  };
  x.live(kAttack);
  CHECK(queries > 2);
  seen("none of " + std::to_string(queries) + " queries repeats it");
}

TEST_CASE("attack: CVE-2018-7185 a zero origin ends no interleaved association") {
  const Attack attack{
      [](Siege& x) {
        x.announce(cut(x.announcement([](ScriptedAnnouncer& a) { a.interleaves = false; }), 48));
        x.reply(cut(x.answer([](Header& h) { h.origin = {}; }), 48));
      },
      [](Siege& x) { x.reply(cut(x.answer([](Header& h) { h.origin = {}; }), 48)); }};
  CHECK(has_no_effect(attack)[Reject::no_announcement] == kAttack);
}

TEST_CASE("attack: CVE-2015-7704 kisses of death with another origin") {
  const Attack attack{[](Siege& x) { x.reply(x.answer([](Header& h) { set_kiss(h, "RATE"); })); },
                      [](Siege& x) {
                        for (const char* const code : {"RATE", "DENY", "RSTR"}) {
                          for (const std::uint64_t origin : {std::uint64_t{0}, std::uint64_t{1}}) {
                            x.reply(cut(x.answer([=](Header& h) {
                              set_kiss(h, code);
                              h.origin = NtpTimestamp{origin};
                            }),
                                        48));
                          }
                        }
                      },
                      unsigned_config()};
  const RejectCounters rejected = has_no_effect(attack);
  CHECK(rejected[Reject::origin_mismatch] > 0);
  CHECK(rejected[Reject::kiss_of_death] == 0);
}

TEST_CASE("attack: CVE-2015-7704 kisses of death with the right origin stop and delay nobody") {
  // They only count, so that the true reply behind them still does. (protocol: 4 polls at most.)
  for (const ListenerConfig& config : {unsigned_config(), pinned_to({1})}) {
    const Attack attack{{},
                        [](Siege& x) {
                          for (int i = 0; i < 100; ++i) {
                            x.reply(cut(x.answer([](Header& h) { set_kiss(h, "DENY"); }), 48));
                          }
                        },
                        config};
    const RejectCounters rejected = has_no_effect(attack);
    CHECK(rejected[Reject::kiss_of_death] + rejected[Reject::no_announcement] >= 100);
  }
}

TEST_CASE("attack: CVE-2016-7426 a flood of replies does not shut out the true one") {
  const Attack attack{[](Siege& x) {
                        for (int i = 0; i < 200; ++i) x.reply(spoilt(x.answer(), 28));
                      },
                      [](Siege& x) {
                        for (int i = 0; i < 200; ++i) x.reply(spoilt(x.answer(), 28));
                      }};
  CHECK(has_no_effect(attack)[Reject::origin_mismatch] >= 200);
}

TEST_CASE("attack: CVE-2016-7429 a reply by another interface") {
  const Attack attack{{}, [](Siege& x) {
                        const Datagram known = x.answer();
                        Arrival elsewhere = x.bench.arrival(x.announcer.from, kSelf);
                        elsewhere.from.interface = 3;
                        x.strike(known, elsewhere);
                      }};
  CHECK(has_no_effect(attack)[Reject::unsolicited] > 0);
}

TEST_CASE("attack: CVE-2020-11868 wrong replies twice an interval do not put the next query off") {
  const auto forge = [](Siege& x) {
    x.reply(x.answer([](Header& h) { h.origin = NtpTimestamp{h.origin.bits() ^ 1U}; }));
  };
  const RejectCounters rejected = has_no_effect({[forge](Siege& x) { forge(x), forge(x); }, forge});
  CHECK(rejected.total() > 2 * kAttack);
}

TEST_CASE("attack: CVE-2020-13817 what a reply must repeat cannot be guessed") {
  Siege x;
  x.announcer.answers = false;
  std::set<std::uint64_t> numbers;
  int ones[64] = {};
  x.suppressed = true;
  x.bench.hear(x.announcer);
  for (int i = 0; i < 400'000 && numbers.size() < 1'000; ++i) {
    if (x.bench.next_deadline().empty()) continue;
    const auto word = read_big_endian<std::uint64_t>(Octets{x.bench.query}, kTransmitOffset);
    numbers.insert(word);
    for (unsigned bit = 0; bit < 64; ++bit) ones[bit] += (word >> bit & 1U) != 0 ? 1 : 0;
  }
  REQUIRE(numbers.size() == 1'000);
  int fair = 0;
  for (const int count : ones) fair += count > 400 && count < 600 ? 1 : 0;
  CHECK(fair == 64);
  seen("1000 queries, 1000 numbers, " + std::to_string(fair) + " of 64 bits fair");
}

TEST_CASE("attack: CVE-2016-1567 a reply of another key that is trusted too") {
  const Attack attack{{},
                      [](Siege& x) {
                        ScriptedAnnouncer copy = x.announcer;
                        copy.key = 2;
                        copy.ahead += s(1);
                        x.reply(copy.reply(x.bench.query, x.bench.now));
                      },
                      pinned_to({1, 2})};
  CHECK(has_no_effect(attack)[Reject::unknown_key] > 0);
}

TEST_CASE("attack: CVE-2015-5300 a restart is no leave to set the clock") {
  struct Row {
    Duration by;
    bool is_signed;
  };
  int steps = 0;
  for (const Row row : {Row{s(86'400), true}, Row{s(-86'400), true}, Row{s(86'400), false},
                        Row{s(-86'400), false}}) {
    ListenerConfig config;
    config.steer = true;
    config.step_over = ms(100);
    ListenerBench bench{config};
    ScriptedAnnouncer forger = announcer_of(9);
    forger.ahead = row.by;
    for (int second = 0; second < 600; ++second) {
      Datagram octets = forger.announce(bench.now);
      bench.hear(row.is_signed ? octets : cut(octets, 48), bench.arrival(forger.from));
      const Timestamp<Boot> end = bench.now.boot + s(1);
      for (int i = 0; i < 50; ++i) {
        const auto due = bench.core.next_deadline();
        if (!due || *due >= end) break;
        bench.pass(std::max(*due - bench.now.boot, Duration{}));
        for (const Effect& effect : bench.core.on_deadline(bench.now)) {
          steps += effect.kind == EffectKind::step ? 1 : 0;
        }
      }
      bench.pass(end - bench.now.boot);
    }
    CHECK_FALSE(bench.status().lateness_bounded);
  }
  CHECK(steps == 0);
  seen("steps of the clock in 40 minutes: " + std::to_string(steps));
}

TEST_CASE("attack: lengths and fields of every kind") {
  const RejectCounters rejected = has_no_effect({[](Siege& x) {
    static int round = 0;
    const Datagram good = x.announcement();
    for (std::size_t length = static_cast<std::size_t>(round++ % 8); length < 1'300; length += 8) {
      if (length != good.size()) x.announce(cut(good, length));
    }
    for (const unsigned length : {0U, 4U, 12U, 13U, 88U, 96U, 128U, 0xFFFCU}) {
      Datagram octets = good;
      octets[50] = static_cast<std::uint8_t>(length >> 8U);
      octets[51] = static_cast<std::uint8_t>(length);
      x.announce(octets);
    }
    Datagram twice = good;
    twice.insert(twice.end(), good.begin() + 48, good.end());
    x.announce(twice);
    x.announce(spoilt(good, 52));  // another magic
    Datagram chain = cut(good, 48);
    for (int i = 0; i < 60; ++i) {
      const std::uint8_t field[16] = {0xF7, 0xE0, 0, 16};
      chain.insert(chain.end(), field, field + 16);
    }
    chain.insert(chain.end(), good.begin() + 48, good.end());
    x.announce(chain);
  }});
  CHECK(rejected[Reject::too_short] > 0);
  CHECK(rejected[Reject::bad_field_length] > 0);
  CHECK(rejected[Reject::bad_mac_length] > 0);
  CHECK(rejected[Reject::bad_announcement] > 0);
}

TEST_CASE("attack: one signed packet of a day ahead shuts out no honest one") {
  Siege x;
  x.live(kWarmUp);
  Datagram future = x.announcement([](ScriptedAnnouncer& a) { a.ahead += s(86'400); });
  ++x.announcer.announcement.sequence;
  x.bench.hear(future, x.bench.arrival(x.announcer.from));
  const ListenerStatus before = x.bench.status();
  x.live(kAttack);
  const ListenerStatus after = x.bench.status();
  CHECK(after.rejected[Reject::timeline_break] == 1);
  CHECK(after.rejected.total() == 1);
  CHECK(after.announcements == before.announcements + kAttack);
  CHECK(after.state == State::synchronised);
  CHECK(magnitude(after.offset - x.announcer.ahead) <= after.error);
  seen("1 timeline_break, then 60 of 60 count");
}

TEST_CASE("attack: a month-old record at a new listener never gets beyond tentative") {
  ListenerBench bench;
  ScriptedAnnouncer recorded;
  recorded.ahead = s(-20 * 3'600);  // what the pivot lets through
  ScriptedAnnouncer today;
  recorded.answers = false;
  int answers = 0;
  for (int i = 0; i < 600; ++i) {
    bench.query.clear();
    bench.live({&recorded}, s(1));
    if (bench.query.empty()) continue;
    ++answers;
    bench.hear(today.reply(bench.query, bench.now), bench.arrival(today.from, kSelf));
    CHECK(bench.status().state == State::tentative);
  }
  CHECK(answers > 5);
  CHECK_FALSE(bench.status().lateness_bounded);
  ScriptedAnnouncer older = announcer_of(3);
  older.ahead = s(-30 * 86'400);
  bench.hear(older);
  CHECK(bench.status().rejected[Reject::implausible_time] == 1);
  seen("tentative throughout; before the build's date: implausible_time");
}

TEST_CASE("attack: genuine packets of another interface's chain") {
  // Spliced in here, they are a stream of their own: nothing of one is paired with the other.
  Siege x;
  ScriptedAnnouncer spliced;
  spliced.announcement.chain = 8;
  spliced.ahead += ms(3);  // held back
  x.live(kWarmUp);
  x.each_second = [&](Siege& y) { y.bench.hear(spliced); };
  x.live(kAttack);
  const ListenerStatus status = x.bench.status();
  CHECK(status.rejected.total() == 0);
  CHECK(status.sources == 2);
  CHECK(magnitude(status.offset - x.announcer.ahead) <= status.error);
  CHECK(status.error < ms(1));
  seen("two streams; the first is followed to " + std::to_string(status.error.count_ns()) + " ns");
}

TEST_CASE("attack: a signed packet is released two seconds before its time") {
  Siege x;
  x.live(kWarmUp);
  const std::string before = described(x.bench.status());
  Datagram early = x.announcement([](ScriptedAnnouncer& a) { a.ahead += s(2); });
  x.bench.hear(early, x.bench.arrival(x.announcer.from));
  CHECK(described(x.bench.status()) == before);
  CHECK(x.bench.status().rejected[Reject::timeline_break] == 1);
  seen("timeline_break; offset, error and bound as before");
}

TEST_CASE("attack: a transmit time of zero, and one unit after it") {
  const RejectCounters rejected = has_no_effect({[](Siege& x) {
    ScriptedAnnouncer copy = x.announcer;
    static_cast<void>(copy.announce(x.bench.now));
    copy.header.transmit = {};
    x.announce(signed_packet(copy.header, copy.announcement, copy.key));
  }});
  CHECK(rejected[Reject::zero_transmit] == kAttack);
  // The first instant of the next era is written as one.
  const Timestamp<Announced> next_era{s(2'085'978'496)};
  CHECK(to_ntp(next_era).bits() == 1);
  CHECK(unfold(NtpTimestamp{1}, Timestamp<Announced>{kEpoch}) == next_era);
}

}  // namespace timecast::test
