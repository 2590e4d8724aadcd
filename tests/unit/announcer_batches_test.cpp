// SPDX-License-Identifier: MIT
//
// Many queries at once: answer() and stamp() of announcer.cpp, and what answers.cpp does of it.
#include "tests/unit/announcer_bench.hpp"

namespace timecast::test {
namespace {

constexpr Endpoint kSelf{Address::ipv4(192, 0, 2, 1), 11'123, 2};
constexpr NtpTimestamp kOurs{0x0123'4567'89AB'CDEF};  // odd, as our receive stamps are

Duration us(std::int64_t n) { return Duration::microseconds(n); }
Duration ms(std::int64_t n) { return Duration::milliseconds(n); }

Endpoint client(std::uint8_t number) { return {Address::ipv4(192, 0, 2, number), 40'000, 2}; }

std::vector<std::uint8_t> request(NtpTimestamp origin = {}, NtpTimestamp receive = {}) {
  Header header = minimal_request(NtpTimestamp{0x55AA'55AA'55AA'55AA});
  header.origin = origin;
  header.receive = receive;
  const HeaderOctets octets = encode(header);
  return {octets.begin(), octets.end()};
}

std::vector<std::uint8_t> challenge() {
  std::vector<std::uint8_t> octets = request();
  octets.resize(kAnnouncementPacketOctets);
  Nonce nonce{};
  nonce.fill(0x5A);
  write_challenge(octets, kHeaderOctets, nonce);
  return octets;
}

std::optional<Reply> answer(AnnouncerBench& bench, const std::vector<std::uint8_t>& octets,
                            std::uint8_t number = 9) {
  if (bench.core.observation_is_due(bench.now)) bench.core.observe(bench.clock, bench.now);
  Reply reply;
  const Query query{octets, bench.now.announced - bench.age, client(number), kSelf, kNoStream};
  return bench.core.answer(query, bench.now, reply) ? std::optional{reply} : std::nullopt;
}

Header header_of(const Reply& reply) { return decode(reply.packet()).value().header; }

NtpTimestamp transmit_of(const Reply& reply) { return header_of(reply).transmit; }

// Departures that nobody but the announcer wants are used up.
void use_up_departures(AnnouncerBench& bench) {
  for (std::uint8_t i = 0; i < 16; ++i) static_cast<void>(answer(bench, request(), i + 100));
}

}  // namespace

TEST_CASE("batches: replies stamped together differ by nothing but their requests") {
  AnnouncerBench bench;
  std::vector<Reply> replies;
  for (std::uint8_t i = 1; i <= 8; ++i) replies.push_back(answer(bench, request(), i).value());
  bench.pass(us(40));
  for (std::size_t i = 0; i < 8; ++i) {
    REQUIRE(bench.core.stamp(replies[i], bench.now.announced));
    CHECK(transmit_of(replies[i]) == as_transmit_stamp(to_ntp(bench.now.announced)));
    CHECK(header_of(replies[i]).stratum == 3);
  }
  CHECK(bench.core.status().replies == 8);
}

TEST_CASE("batches: replies whose departure is not wanted are not written ahead by those others'") {
  AnnouncerBench bench;
  for (int i = 0; i < 5; ++i) {
    Reply wanted = answer(bench, request(), 1).value();
    REQUIRE(bench.core.stamp(wanted, bench.now.announced));
    bench.core.on_transmitted(wanted.token, bench.now.announced + us(25));
  }
  use_up_departures(bench);
  Reply other = answer(bench, request(), 2).value();
  REQUIRE(other.token == 0);
  REQUIRE(bench.core.stamp(other, bench.now.announced));
  CHECK(transmit_of(other) == as_transmit_stamp(to_ntp(bench.now.announced)));
  bench.pass(ms(4));
  Reply wanted = answer(bench, request(), 1).value();
  REQUIRE(bench.core.stamp(wanted, bench.now.announced));
  CHECK(transmit_of(wanted) == as_transmit_stamp(to_ntp(bench.now.announced + us(25))));
}

TEST_CASE("batches: no two replies in a row have one receive stamp") {
  AnnouncerBench bench;
  const Reply first = answer(bench, request(), 1).value();
  const Reply second = answer(bench, request(), 2).value();
  CHECK(header_of(first).receive != header_of(second).receive);
  CHECK(header_of(second).receive.bits() % 2 == 1);
}

TEST_CASE("batches: departures are asked for where a client is interleaved, and of a few others") {
  AnnouncerBench bench;
  int asked = 0;
  for (int i = 0; i < 200; ++i) {
    const Reply reply = answer(bench, request(), static_cast<std::uint8_t>(i % 20 + 1)).value();
    if (reply.token != 0) ++asked;
  }
  CHECK(asked == 16);
  CHECK(answer(bench, request(kOurs, NtpTimestamp{3}), 30)->token != 0);
  CHECK(answer(bench, challenge(), 31)->token != 0);
  CHECK(answer(bench, request(NtpTimestamp{kOurs.bits() + 1}, NtpTimestamp{3}), 32)->token == 0);
  CHECK(answer(bench, request(kOurs), 33)->token != 0);
  bench.pass(ms(4));
  CHECK(answer(bench, request(), 34)->token != 0);
  CHECK(answer(bench, request(), 35)->token == 0);
}

TEST_CASE("batches: whoever sets one bit has no departures without limit, and who is known has") {
  AnnouncerBench bench;
  use_up_departures(bench);
  Reply known = answer(bench, request(kOurs, NtpTimestamp{3}), 1).value();
  REQUIRE(bench.core.stamp(known, bench.now.announced));
  int asked = 0;
  for (int i = 0; i < 500; ++i) {
    const NtpTimestamp made_up{kOurs.bits() + 2 * static_cast<std::uint64_t>(i)};
    const auto from = static_cast<std::uint8_t>(i % 200 + 40);
    if (answer(bench, request(made_up, NtpTimestamp{3}), from)->token != 0) ++asked;
  }
  CHECK(asked == 63);
  CHECK(answer(bench, request(header_of(known).receive, NtpTimestamp{3}), 1)->token != 0);
  bench.pass(us(100));
  CHECK(answer(bench, request(kOurs, NtpTimestamp{3}), 2)->token != 0);
  CHECK(answer(bench, request(kOurs, NtpTimestamp{3}), 3)->token == 0);
}

TEST_CASE("batches: who becomes interleaved under load is told from the third reply on") {
  AnnouncerBench bench;
  use_up_departures(bench);
  Reply reply = answer(bench, request()).value();
  CHECK(reply.token == 0);
  REQUIRE(bench.core.stamp(reply, bench.now.announced));
  for (int round = 0; round < 3; ++round) {
    const NtpTimestamp origin = header_of(reply).receive;
    bench.pass(us(100));
    reply = answer(bench, request(origin, NtpTimestamp{2})).value();
    CHECK(reply.is_interleaved == (round != 0));
    REQUIRE(bench.core.stamp(reply, bench.now.announced));
    bench.core.on_transmitted(reply.token, bench.now.announced + us(10));
  }
}

TEST_CASE("batches: the clock is looked at again ten times a second, after a step and a change") {
  AnnouncerBench bench;
  CHECK(bench.core.observation_is_due(bench.now));
  bench.core.observe(bench.clock, bench.now);
  bench.pass(ms(99));
  CHECK_FALSE(bench.core.observation_is_due(bench.now));
  bench.pass(ms(1));
  CHECK(bench.core.observation_is_due(bench.now));
  bench.core.observe(bench.clock, bench.now);
  bench.step_clock(ms(2));
  CHECK(bench.core.observation_is_due(bench.now));
  bench.core.observe(bench.clock, bench.now);
  CHECK_FALSE(bench.core.observation_is_due(bench.now));
  bench.core.change(AnnouncerConfig{}, bench.now.host.boot);
  CHECK(bench.core.observation_is_due(bench.now));
}

TEST_CASE("batches: a clock that lost its synchronisation is told from the next look on") {
  AnnouncerBench bench;
  CHECK(header_of(answer(bench, request()).value()).leap == Leap::none);
  bench.clock = kBadClock;
  bench.pass(ms(100));
  CHECK(header_of(answer(bench, request()).value()).leap == Leap::unsynchronised);
}

TEST_CASE("batches: eight signatures at once, then one in 1 ms, 128 wait, the rest is refused") {
  AnnouncerBench bench;
  const Timestamp<Boot> begin = bench.now.host.boot;
  for (int i = 0; i < 200; ++i) {
    const auto reply = answer(bench, challenge(), static_cast<std::uint8_t>(i + 1));
    CAPTURE(i);
    REQUIRE(reply.has_value() == (i < 8 + 128));
    if (reply) CHECK(reply->not_before == begin + ms(1) * std::max(i - 7, 0));
  }
  CHECK(bench.core.status().rejected[Reject::rate_limited] == 200 - 136);
  bench.pass(ms(20));
  for (int i = 0; i < 20; ++i) CHECK(answer(bench, challenge(), 201).has_value());
  CHECK_FALSE(answer(bench, challenge(), 201).has_value());
}

TEST_CASE("batches: signatures are limited without a rate limit too") {
  AnnouncerConfig config;
  config.rate_limit.enabled = false;
  AnnouncerBench bench{config};
  int answered = 0;
  for (int i = 0; i < 500; ++i) answered += answer(bench, challenge()).has_value() ? 1 : 0;
  CHECK(answered == 136);
}

TEST_CASE("batches: a challenge that has waited is signed over the time that it leaves at") {
  AnnouncerBench bench;
  Reply reply = answer(bench, challenge()).value();
  bench.pass(ms(200));
  REQUIRE(bench.core.stamp(reply, bench.now.announced));
  CHECK(transmit_of(reply) == as_transmit_stamp(to_ntp(bench.now.announced)));
  const auto packet = decode(reply.packet());
  REQUIRE(packet.has_value());
  Nonce nonce{};
  nonce.fill(0x5A);
  CHECK(verify_packet(reply.packet(), find_announcement(*packet).value(), nonce,
                      sim::toy_verifier()));
}

TEST_CASE("batches: what waited while the clock was stepped does not leave") {
  AnnouncerBench bench;
  Reply reply = answer(bench, challenge()).value();
  bench.step_clock(ms(40));
  bench.core.observe(bench.clock, bench.now);
  CHECK_FALSE(bench.core.stamp(reply, bench.now.announced));
  CHECK(bench.core.status().replies == 0);
}

TEST_CASE("batches: tokens of announcements and of replies are never taken for each other") {
  AnnouncerBench bench;
  static_cast<void>(bench.add(StreamKind::precise));
  const Sent announcement = bench.next().value();
  Reply reply = answer(bench, request()).value();
  REQUIRE(bench.core.stamp(reply, bench.now.announced));
  CHECK(reply.token != announcement.token);
  bench.core.on_transmitted(reply.token, bench.now.announced + us(5));
  CHECK(bench.core.status().stamps == 0);
  bench.core.on_transmitted(announcement.token, announcement.at.announced + us(5));
  CHECK(bench.core.status().stamps == 1);
}

}  // namespace timecast::test
