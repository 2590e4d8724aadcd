// SPDX-License-Identifier: MIT
//
// What links the packets of a chain: origin, step flag, sequence. announcer.cpp.
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

TEST_CASE("announcer: origin is the true transmit time of the packet before") {
  AnnouncerBench bench;
  static_cast<void>(bench.add(StreamKind::precise));
  const Sent first = bench.next_stamped(us(37));
  CHECK(first.header.origin == NtpTimestamp{});
  const Sent second = bench.next_stamped(us(41));
  CHECK(second.header.origin == stamp(first.at, us(37)));
  const Sent third = bench.next_stamped(us(43));
  CHECK(third.header.origin == stamp(second.at, us(41)));
  CHECK(bench.core.status().stamps == 3);
}

TEST_CASE("announcer: origin is zero after a packet of which nothing is known") {
  struct Row {
    std::string_view name;
    void (*spoil)(AnnouncerBench&, const Sent&);
  };
  const Row rows[] = {
      {"no stamp came", [](AnnouncerBench&, const Sent&) {}},
      {"it could not be sent",
       [](AnnouncerBench& b, const Sent& s) { b.core.on_send_failed(s.token); }},
      {"a stamp of a packet that could not be sent",
       [](AnnouncerBench& b, const Sent& s) {
         b.core.on_send_failed(s.token);
         b.core.on_transmitted(s.token, s.at.announced + us(40));
       }},
      {"a stamp that came and then it could not be sent",
       [](AnnouncerBench& b, const Sent& s) {
         b.core.on_transmitted(s.token, s.at.announced + us(40));
         b.core.on_send_failed(s.token);
       }},
      {"the stamp of another packet",
       [](AnnouncerBench& b, const Sent& s) {
         b.core.on_transmitted(s.token - 1, s.at.announced + us(40));
         b.core.on_transmitted(s.token + 1, s.at.announced + us(40));
         b.core.on_transmitted(0, s.at.announced + us(40));
       }},
      {"a stamp from a clock that was stepped ahead meanwhile",
       [](AnnouncerBench& b, const Sent& s) {
         b.core.on_transmitted(s.token, s.at.announced + ms(101));
       }},
      {"a stamp from a clock that was set back meanwhile",
       [](AnnouncerBench& b, const Sent& s) {
         b.core.on_transmitted(s.token, s.at.announced - ms(101));
       }},
      {"the clock was stepped after it",
       [](AnnouncerBench& b, const Sent& s) {
         b.core.on_transmitted(s.token, s.at.announced + us(40));
         b.step_clock(ms(-500));
       }},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    AnnouncerBench bench;
    static_cast<void>(bench.add(StreamKind::precise));
    static_cast<void>(bench.next_stamped(us(40)));
    const Sent spoilt = bench.next().value();
    CHECK(spoilt.header.origin != NtpTimestamp{});
    row.spoil(bench, spoilt);
    CHECK(bench.next_stamped(us(40)).header.origin == NtpTimestamp{});
    CHECK(bench.next()->header.origin != NtpTimestamp{});  // and then it goes on
  }
}

TEST_CASE("announcer: the first stamp of a packet counts") {
  AnnouncerBench bench;
  static_cast<void>(bench.add(StreamKind::precise));
  const Sent first = bench.next_stamped(us(37));
  bench.core.on_transmitted(first.token, first.at.announced + us(99));
  CHECK(bench.next()->header.origin == stamp(first.at, us(37)));
  CHECK(bench.core.status().stamps == 1);
}

TEST_CASE("announcer: every step is told exactly once, on every stream") {
  for (const Duration step : {ms(50), ms(-800), Duration::seconds(3'600), ms(-3)}) {
    CAPTURE(step.count_ns());
    AnnouncerBench bench;
    static_cast<void>(bench.add(StreamKind::precise));
    static_cast<void>(bench.add(StreamKind::precise));
    for (int i = 0; i < 8; ++i)
      CHECK_FALSE(bench.next_stamped(us(40)).announcement->clock_stepped());
    bench.step_clock(step);
    std::set<StreamId> told;
    for (int i = 0; i < 2; ++i) {
      const Sent sent = bench.next_stamped(us(40));
      CHECK(sent.announcement->clock_stepped());
      CHECK(sent.header.origin == NtpTimestamp{});
      told.insert(sent.stream);
    }
    CHECK(told.size() == 2);
    for (int i = 0; i < 8; ++i)
      CHECK_FALSE(bench.next_stamped(us(40)).announcement->clock_stepped());
  }
}

TEST_CASE("announcer: a step is told by the next packet that is sent") {
  AnnouncerBench bench;
  static_cast<void>(bench.add(StreamKind::precise));
  static_cast<void>(bench.next_stamped(us(40)));
  bench.core.on_send_failed(bench.next()->token);
  bench.step_clock(ms(300));  // while nothing is known of the last packet
  const Sent failed = bench.next().value();
  CHECK(failed.announcement->clock_stepped());
  bench.core.on_send_failed(failed.token);
  CHECK(bench.next_stamped(us(40)).announcement->clock_stepped());
  CHECK_FALSE(bench.next()->announcement->clock_stepped());
}

TEST_CASE("announcer: slewing and a rate of its own are no step") {
  AnnouncerBench bench;
  static_cast<void>(bench.add(StreamKind::precise));
  for (int i = 0; i < 100; ++i) {
    CHECK_FALSE(bench.next()->announcement->clock_stepped());
    bench.step_clock(us(i < 50 ? 500 : -500));
  }
}

TEST_CASE("announcer: sequences rise by one in a chain and never return in a restart") {
  AnnouncerConfig config;
  config.first_sequence = 1'793'491'200'000'000;
  std::uint64_t above = config.first_sequence;
  for (int start = 0; start < 3; ++start) {
    config.first_sequence = above;
    AnnouncerBench bench{config};
    CHECK(bench.core.next_sequence() == above);
    static_cast<void>(bench.add(StreamKind::precise));
    for (std::uint64_t i = 0; i < 20; ++i) {
      CHECK(bench.next()->announcement->sequence == above + i);
      CHECK(bench.core.next_sequence() == above + i + 1);
    }
    above = bench.core.next_sequence();
  }
}

TEST_CASE("announcer: a stream that is added later begins above all that was sent") {
  AnnouncerBench bench;
  const StreamId first = bench.add(StreamKind::precise);
  for (int i = 0; i < 5; ++i) static_cast<void>(bench.next());
  const StreamId second = bench.add(StreamKind::precise);
  CHECK(second != first);
  bench.core.remove_stream(first);
  CHECK(bench.next()->announcement->sequence == 6);
  CHECK(bench.core.next_sequence() == 7);
}

TEST_CASE("announcer: a failed signature sends nothing and uses no sequence") {
  struct Moody {
    bool refuses = false;
  } moody;
  AnnouncerConfig config;
  config.signer = {[](const void* context, const SignedMessage&, Signature&) noexcept {
                     return !static_cast<const Moody*>(context)->refuses;
                   },
                   &moody, sim::toy_signer(7).key};
  AnnouncerBench bench{config};
  static_cast<void>(bench.add(StreamKind::precise));
  const Sent first = bench.next_stamped(us(40));
  moody.refuses = true;
  bench.step_clock(ms(200));
  CHECK_FALSE(bench.next().has_value());
  moody.refuses = false;
  const Sent second = bench.next().value();
  CHECK(second.announcement->sequence == first.announcement->sequence + 1);
  CHECK(second.announcement->clock_stepped());
  CHECK(bench.core.status().announcements == 2);
}

TEST_CASE("announcer: no two streams share a chain, however the numbers fall") {
  // A generator that always says the same.
  AnnouncerConfig config;
  AnnouncerBench bench{config};
  std::set<std::uint16_t> chains;
  Announcer stubborn{[&] {
    AnnouncerConfig c;
    c.signer = sim::toy_signer(7);
    c.entropy = {[](void*, MutableOctets out) noexcept {
                   for (auto& octet : out) octet = 0xFF;
                 },
                 nullptr};
    return c;
  }()};
  for (std::size_t i = 0; i < Announcer::kMaxStreams; ++i) {
    REQUIRE(stubborn.add_stream(StreamKind::precise, bench.now.host.boot).has_value());
  }
  CHECK_FALSE(stubborn.add_stream(StreamKind::precise, bench.now.host.boot).has_value());
  bench.pass(Duration::seconds(2));
  while (const auto packet = stubborn.on_deadline(bench.now, kGoodClock)) {
    chains.insert(find_announcement(*decode(packet->octets))->chain);
  }
  CHECK(chains.size() == Announcer::kMaxStreams);
}

}  // namespace timecast::test
