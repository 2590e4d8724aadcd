// SPDX-License-Identifier: MIT
//
// What becomes of a running announcer whose settings change: change() of announcer.cpp.
#include "tests/unit/announcer_bench.hpp"

namespace timecast::test {
namespace {

Duration ms(std::int64_t n) { return Duration::milliseconds(n); }
Duration s(std::int64_t n) { return Duration::seconds(n); }

AnnouncerConfig every(Duration interval) {
  AnnouncerConfig config;
  config.interval = interval;
  return config;
}

// As the daemon does it: what cannot change comes along unchanged.
void change(AnnouncerBench& bench, const AnnouncerConfig& config) {
  AnnouncerConfig whole = config;
  whole.entropy = bench.random.entropy();
  whole.signer = sim::toy_signer(7);
  bench.core.change(whole, bench.now.host.boot);
}

}  // namespace

TEST_CASE("announcer's change: a shorter interval begins at once") {
  AnnouncerBench bench{every(s(1024))};
  static_cast<void>(bench.add(StreamKind::precise));
  static_cast<void>(bench.next());
  bench.pass(s(3));
  change(bench, every(ms(250)));
  CHECK(bench.core.next_deadline().value() - bench.now.host.boot <= ms(380));
  const Timestamp<Boot> first = bench.next().value().at.host.boot;
  const Sent second = bench.next().value();
  CHECK(second.at.host.boot - first <= ms(380));
  CHECK(second.announcement->interval_ms == 250);
}

TEST_CASE("announcer's change: a longer interval is announced when the next packet was due") {
  AnnouncerBench bench{every(s(1))};
  static_cast<void>(bench.add(StreamKind::precise));
  static_cast<void>(bench.next());
  const Timestamp<Boot> due = bench.core.next_deadline().value();
  change(bench, every(s(64)));
  CHECK(bench.core.next_deadline().value() <= due);
  const Sent last = bench.next().value();
  CHECK(last.announcement->interval_ms == 64'000);
  CHECK(bench.core.next_deadline().value() - last.at.host.boot >= s(31));
}

TEST_CASE("announcer's change: all streams leave together at another interval as well") {
  for (const Duration interval : {ms(250), s(8)}) {
    CAPTURE(interval.count_ns());
    AnnouncerBench bench{every(s(1))};
    static_cast<void>(bench.add(StreamKind::precise));
    static_cast<void>(bench.add(StreamKind::precise));
    for (int i = 0; i < 7; ++i) static_cast<void>(bench.next());
    change(bench, every(interval));
    bench.pass(interval * 2);  // both are due
    for (int i = 0; i < 2; ++i) static_cast<void>(bench.next());
    for (int tick = 0; tick < 20; ++tick) {
      const Timestamp<Boot> due = bench.core.next_deadline().value();
      static_cast<void>(bench.next());
      CHECK(bench.core.next_deadline() == due);
      static_cast<void>(bench.next());
      CHECK(bench.core.next_deadline() != due);
    }
  }
}

TEST_CASE("announcer's change: the chain goes on, and the last packet's stamp is told") {
  AnnouncerBench bench{every(s(1))};
  static_cast<void>(bench.add(StreamKind::precise));
  static_cast<void>(bench.next_stamped(ms(1)));
  const Sent before = bench.next_stamped(ms(1));
  change(bench, every(ms(250)));
  const Sent after = bench.next().value();
  CHECK(after.announcement->chain == before.announcement->chain);
  CHECK(after.announcement->sequence == before.announcement->sequence + 1);
  CHECK(after.header.origin == to_ntp(before.at.announced + ms(1)));
}

TEST_CASE("announcer's change: the plain stream keeps its pace") {
  AnnouncerBench bench{every(s(1))};
  static_cast<void>(bench.add(StreamKind::plain));
  static_cast<void>(bench.next());
  const Timestamp<Boot> due = bench.core.next_deadline().value();
  change(bench, every(ms(250)));
  CHECK(bench.core.next_deadline() == due);
}

TEST_CASE("announcer's change: island and stratum hold from the next packet on") {
  AnnouncerBench bench;
  bench.clock = kBadClock;
  static_cast<void>(bench.add(StreamKind::precise));
  CHECK(bench.next().value().header.stratum == 0);
  const Timestamp<Boot> due = bench.core.next_deadline().value();
  AnnouncerConfig config;
  config.island = true;
  config.stratum = 7;
  change(bench, config);
  CHECK(bench.core.next_deadline() == due);
  CHECK(bench.next().value().header.stratum == 7);
  change(bench, {});
  CHECK(bench.next().value().header.stratum == 0);
}

TEST_CASE("announcer's change: another rate limit holds at once, the same one forgets nobody") {
  Header header;
  header.mode = Mode::client;
  const HeaderOctets octets = encode(header);
  const std::vector<std::uint8_t> request{octets.begin(), octets.end()};
  AnnouncerBench bench;
  const auto answered = [&](int requests) {
    int count = 0;
    for (int i = 0; i < requests; ++i) {
      const auto reply = bench.ask(request, {Address::ipv4(192, 0, 2, 9), 40'000, 2},
                                   {Address::ipv4(192, 0, 2, 1), 11'123, 2});
      count += reply ? 1 : 0;
    }
    return count;
  };
  CHECK(answered(64) == 64);
  change(bench, {});
  CHECK(answered(100) < 60);  // one in four gets through
  AnnouncerConfig config;
  config.rate_limit.enabled = false;
  change(bench, config);
  CHECK(answered(100) == 100);
}

}  // namespace timecast::test
