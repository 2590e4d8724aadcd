// SPDX-License-Identifier: MIT
//
// What an announcer sends by itself. What links the packets
// of a chain: announcer_chain_test.cpp. Answers: announcer_answers_test.cpp.
#include <set>

#include "tests/unit/announcer_bench.hpp"

namespace timecast::test {
namespace {

Duration us(std::int64_t n) { return Duration::microseconds(n); }
Duration ms(std::int64_t n) { return Duration::milliseconds(n); }

NtpTimestamp stamp(const AnnouncedMoment& at, Duration late = {}) {
  return to_ntp(at.announced + late);
}

}  // namespace

TEST_CASE("announcer: without streams nothing is ever due") {
  AnnouncerBench bench;
  CHECK_FALSE(bench.core.next_deadline().has_value());
  CHECK_FALSE(bench.core.on_deadline(bench.now, bench.clock).has_value());
}

TEST_CASE("announcer: nothing is sent before it is due") {
  AnnouncerBench bench;
  static_cast<void>(bench.add(StreamKind::precise));
  const Timestamp<Boot> due = bench.core.next_deadline().value();
  bench.pass(due - bench.now.host.boot - Duration::nanoseconds(1));
  CHECK_FALSE(bench.core.on_deadline(bench.now, bench.clock).has_value());
  CHECK(bench.core.next_deadline() == due);
}

TEST_CASE("announcer: a precise packet says what the design says") {
  AnnouncerConfig config;
  config.interval = ms(500);
  config.query_spread = ms(2'500);
  AnnouncerBench bench{config};
  const StreamId stream = bench.add(StreamKind::precise);
  const Sent sent = bench.next().value();
  CHECK(sent.stream == stream);
  CHECK(sent.octets.size() == kAnnouncementPacketOctets);
  CHECK(sent.header.version == 4);
  CHECK(sent.header.mode == Mode::broadcast);
  CHECK(sent.header.leap == Leap::none);
  CHECK(sent.header.stratum == 3);
  CHECK(sent.header.poll == Log2Seconds{-1});
  CHECK(sent.header.origin == NtpTimestamp{});
  CHECK(sent.header.receive == NtpTimestamp{});
  CHECK(sent.header.transmit == stamp(sent.at));
  REQUIRE(sent.announcement.has_value());
  CHECK(sent.announcement->key == sim::toy_signer(7).key);
  CHECK(sent.announcement->flags == 0);
  CHECK(sent.announcement->interval_ms == 500);
  CHECK(sent.announcement->query_spread == 25);
  CHECK(sent.announcement->sequence == 1);
  CHECK(verify_packet(sent.octets, *sent.announcement, {}, sim::toy_verifier()));
}

TEST_CASE("announcer: a query spread beyond its field is announced as the longest") {
  AnnouncerConfig config;
  config.query_spread = Duration::seconds(100'000);
  AnnouncerBench bench{config};
  static_cast<void>(bench.add(StreamKind::precise));
  CHECK(bench.next()->announcement->query_spread == 0xFFFF);
}

TEST_CASE("announcer: a key that took another one's place says so in each precise packet") {
  AnnouncerConfig config;
  config.successor.emplace();
  REQUIRE(endorse(sim::toy_signer(7).key, sim::toy_signer(3), *config.successor));
  AnnouncerBench bench{config};
  static_cast<void>(bench.add(StreamKind::precise));
  for (int i = 0; i < 3; ++i) {
    const Sent sent = bench.next().value();
    CHECK(sent.octets.size() == kAnnouncementPacketOctets + kSuccessorOctets);
    const auto packet = decode(sent.octets);
    REQUIRE(packet);
    const auto announcement = find_announcement(*packet);
    REQUIRE(announcement);
    CHECK(verify_packet(sent.octets, *announcement, {}, sim::toy_verifier()));
    const auto successor = find_successor(*packet);
    REQUIRE(successor);
    CHECK(successor->old_key == sim::toy_signer(3).key);
    CHECK(verify_successor(*successor, announcement->key, sim::toy_verifier()));
  }
}

TEST_CASE("announcer: a plain packet is 48 octets that anybody understands") {
  AnnouncerBench bench;
  static_cast<void>(bench.add(StreamKind::plain));
  for (int i = 0; i < 5; ++i) {
    const Sent sent = bench.next_stamped(us(40));
    CHECK(sent.octets.size() == 48);
    CHECK(sent.header.version == 4);
    CHECK(sent.header.mode == Mode::broadcast);
    CHECK(sent.header.poll == Log2Seconds{3});
    CHECK(sent.header.origin == NtpTimestamp{});
    CHECK(sent.header.receive == NtpTimestamp{});
    CHECK(sent.header.transmit == stamp(sent.at, i == 0 ? Duration{} : us(40)));
  }
  CHECK(bench.core.status().plain == 5);
}

TEST_CASE("announcer: an unsynchronised clock silences the plain stream and marks the precise") {
  AnnouncerBench bench;
  const StreamId precise = bench.add(StreamKind::precise);
  static_cast<void>(bench.add(StreamKind::plain));
  bench.clock = kBadClock;
  const Timestamp<Boot> end = bench.now.host.boot + Duration::seconds(60);
  int packets = 0;
  while (bench.now.host.boot < end) {
    const auto sent = bench.next();
    if (!sent) continue;
    ++packets;
    CHECK(sent->stream == precise);
    CHECK(sent->header.leap == Leap::unsynchronised);
    CHECK(sent->header.stratum == 0);
    CHECK(sent->announcement.has_value());
  }
  CHECK(packets >= 58);
  CHECK_FALSE(bench.core.status().synchronised);
  CHECK(bench.core.status().plain == 0);

  bench.clock = kGoodClock;
  const Timestamp<Boot> good = bench.now.host.boot;
  while (bench.core.status().plain == 0) static_cast<void>(bench.next());
  CHECK(bench.now.host.boot - good <= ms(9'600));
}

TEST_CASE("announcer: a silent stream does not hide one that has something to say") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {  // either of the two may be due first
    AnnouncerBench bench{{}, seed};
    static_cast<void>(bench.add(StreamKind::plain));
    const StreamId precise = bench.add(StreamKind::precise);
    bench.clock = kBadClock;
    bench.pass(Duration::seconds(2));
    const auto packet = bench.core.on_deadline(bench.now, bench.clock);
    REQUIRE(packet.has_value());
    CHECK(packet->stream == precise);
    CHECK_FALSE(bench.core.on_deadline(bench.now, bench.clock).has_value());
    CHECK(bench.core.next_deadline().value() > bench.now.host.boot);
  }
}

TEST_CASE("announcer: the first packet comes at random within a second, of any interval") {
  for (const std::int64_t interval_ms : {100, 1'000, 64'000}) {
    CAPTURE(interval_ms);
    AnnouncerConfig config;
    config.interval = ms(interval_ms);
    Duration most;
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
      AnnouncerBench bench{config, seed};
      static_cast<void>(bench.add(StreamKind::precise));
      most = std::max(most, bench.core.next_deadline().value() - bench.now.host.boot);
    }
    CHECK(most <= ms(std::min<std::int64_t>(interval_ms, 1'000)));
    CHECK(most >= ms(std::min<std::int64_t>(interval_ms, 1'000)) * 9 / 10);
  }
}

TEST_CASE("announcer: two packets of a stream are never closer than half an interval") {
  AnnouncerBench bench;
  static_cast<void>(bench.add(StreamKind::precise));
  Timestamp<Boot> last = bench.next()->at.host.boot;
  for (int i = 0; i < 10'000; ++i) {
    // A host may be late by anything.
    bench.pass(bench.random.entropy().between(Duration{}, ms(i % 10 == 0 ? 3'000 : 5)));
    const Timestamp<Boot> at = bench.next()->at.host.boot;
    REQUIRE(at - last >= ms(500));
    last = at;
  }
}

TEST_CASE(
    "announcer: after their first packets all precise streams leave together, the last first") {
  for (const Duration interval : {ms(125), Duration::seconds(1), Duration::seconds(64)}) {
    CAPTURE(interval.count_ns());
    AnnouncerConfig config;
    config.interval = interval;
    AnnouncerBench bench{config};
    const std::array<StreamId, 3> streams{bench.add(StreamKind::precise),
                                          bench.add(StreamKind::precise),
                                          bench.add(StreamKind::precise)};
    bench.pass(interval * 2);
    for (std::size_t i = 0; i < streams.size(); ++i) static_cast<void>(bench.next());
    for (int tick = 0; tick < 1'000; ++tick) {
      const Timestamp<Boot> due = bench.core.next_deadline().value();
      for (auto stream = streams.rbegin(); stream != streams.rend(); ++stream) {
        REQUIRE(bench.core.next_deadline() == due);
        REQUIRE(bench.next().value().stream == *stream);
        bench.pass(us(100));  // to sign and to send
      }
    }
  }
}

TEST_CASE("announcer: a stream that is added joins the others within two intervals") {
  AnnouncerBench bench;
  static_cast<void>(bench.add(StreamKind::precise));
  for (int i = 0; i < 5; ++i) static_cast<void>(bench.next());
  static_cast<void>(bench.add(StreamKind::precise));
  bench.pass(ms(2'500));
  static_cast<void>(bench.next());
  static_cast<void>(bench.next());
  const Timestamp<Boot> due = bench.core.next_deadline().value();
  static_cast<void>(bench.next());
  CHECK(bench.core.next_deadline() == due);
}

TEST_CASE("announcer: the key decides the phase of its grid") {
  std::set<std::int64_t> phases;
  for (const std::uint8_t key :
       {std::uint8_t{1}, std::uint8_t{51}, std::uint8_t{101}, std::uint8_t{151}}) {
    AnnouncerConfig config;
    config.signer = sim::toy_signer(key);
    AnnouncerBench bench{config};
    static_cast<void>(bench.add(StreamKind::precise));
    static_cast<void>(bench.next());
    const std::int64_t expected = 1'000'000'000LL * (std::int64_t{key} * 257) >> 16;
    for (int i = 0; i < 100; ++i) {
      const std::int64_t phase =
          bench.next()->at.host.boot.since_epoch().count_ns() % 1'000'000'000;
      std::int64_t off = phase - expected;
      if (off < -500'000'000) off += 1'000'000'000;
      if (off > 500'000'000) off -= 1'000'000'000;
      CHECK(magnitude(Duration::nanoseconds(off)) <= ms(10) + us(100));
    }
    phases.insert(expected);
  }
  CHECK(phases.size() == 4);
}

TEST_CASE("announcer: a removed stream is silent and its place is free") {
  AnnouncerBench bench;
  std::vector<StreamId> ids;
  for (std::size_t i = 0; i < Announcer::kMaxStreams; ++i)
    ids.push_back(bench.add(StreamKind::plain));
  for (const StreamId id : ids) bench.core.remove_stream(id);
  CHECK_FALSE(bench.core.next_deadline().has_value());
  const StreamId fresh = bench.add(StreamKind::precise);
  CHECK(fresh != ids.front());
  CHECK(bench.next()->stream == fresh);
}

TEST_CASE("announcer: the median lateness is written ahead, of each kind of packet its own") {
  AnnouncerBench bench;
  const StreamId precise = bench.add(StreamKind::precise);
  static_cast<void>(bench.add(StreamKind::plain));
  for (int i = 0; i < 100; ++i) {
    const Sent sent = bench.next().value();
    const bool is_precise = sent.stream == precise;
    const Duration late = is_precise ? us(90) : us(30);
    bench.core.on_transmitted(sent.token, sent.at.announced + late);
    if (i > 50) CHECK(sent.header.transmit == stamp(sent.at, late));
  }
  CHECK(bench.core.status().lateness == us(90));
}

TEST_CASE("announcer: no lateness puts a packet more than 20 ms ahead") {
  AnnouncerBench bench;
  static_cast<void>(bench.add(StreamKind::precise));
  for (int i = 0; i < 100; ++i) {
    const Sent sent = bench.next_stamped(bench.random.entropy().between(-ms(100), ms(100)));
    CHECK(difference(sent.header.transmit, stamp(sent.at)) >= Duration{});
    CHECK(difference(sent.header.transmit, stamp(sent.at)) <= ms(20));
  }
}

TEST_CASE("announcer: the reference time of an island is now, however long it runs") {
  AnnouncerConfig config;
  config.island = true;
  config.stratum = 10;
  AnnouncerBench bench{config};
  static_cast<void>(bench.add(StreamKind::precise));
  bench.clock = kBadClock;  // the kernel's view, which does not change for days
  for (int day = 0; day < 3; ++day) {
    const Sent sent = bench.next().value();
    CHECK(sent.header.reference == stamp(sent.at));
    CHECK(sent.header.stratum == 10);
    CHECK(sent.header.leap == Leap::none);
    bench.pass(Duration::seconds(86'400));
  }
}

TEST_CASE("announcer: the reference time of a synchronised clock is its last correction") {
  AnnouncerBench bench;
  static_cast<void>(bench.add(StreamKind::precise));
  const Sent first = bench.next().value();
  CHECK(first.header.reference == stamp(first.at));
  bench.clock.max_error = ms(2);
  CHECK(bench.next()->header.reference == stamp(first.at));
  bench.clock.max_error = us(300);
  const Sent corrected = bench.next().value();
  CHECK(corrected.header.reference == stamp(corrected.at));
  CHECK(bench.next()->header.reference == stamp(corrected.at));
}

}  // namespace timecast::test
