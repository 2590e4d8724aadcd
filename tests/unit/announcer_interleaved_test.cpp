// SPDX-License-Identifier: MIT
//
// Interleaved replies: RFC 9769 section 2.
#include "tests/unit/announcer_bench.hpp"

namespace timecast::test {
namespace {

constexpr Endpoint kClient{Address::ipv4(192, 0, 2, 9), 40'000, 2};
constexpr Endpoint kSelf{Address::ipv4(192, 0, 2, 1), 11'123, 2};
constexpr NtpTimestamp kOpaque{0x0123'4567'89AB'CDEE};
constexpr NtpTimestamp kOther{0xFEDC'BA98'7654'3210};
constexpr Duration kLate = Duration::microseconds(731);

std::vector<std::uint8_t> request(NtpTimestamp origin, NtpTimestamp receive,
                                  NtpTimestamp transmit) {
  Header header;
  header.mode = Mode::client;
  header.origin = origin;
  header.receive = receive;
  header.transmit = transmit;
  const HeaderOctets octets = encode(header);
  return {octets.begin(), octets.end()};
}

Sent ask(AnnouncerBench& bench, NtpTimestamp origin, NtpTimestamp receive, NtpTimestamp transmit) {
  bench.pass(Duration::seconds(2));
  return bench.ask(request(origin, receive, transmit), kClient, kSelf).value();
}

// The first, basic exchange, whose reply left `kLate` after its clock reading.
Sent first_reply(AnnouncerBench& bench) {
  Sent reply = ask(bench, {}, {}, kOther);
  bench.core.on_transmitted(reply.token, reply.at.announced + kLate);
  return reply;
}

bool is_basic(const Sent& reply) { return reply.header.origin == kOther; }

}  // namespace

TEST_CASE("interleaved: the next reply tells when the one before truly left") {
  AnnouncerBench bench;
  const Sent first = first_reply(bench);
  CHECK(is_basic(first));
  const Sent second = ask(bench, first.header.receive, kOpaque, kOther);
  CHECK(second.header.origin == kOpaque);
  CHECK(second.header.transmit == as_transmit_stamp(to_ntp(first.at.announced + kLate)));
  CHECK(second.header.receive == as_receive_stamp(to_ntp(second.at.announced - bench.age)));
  CHECK(bench.core.status().interleaved_replies == 1);
}

TEST_CASE("interleaved: a chain of exchanges each tells of the one before") {
  AnnouncerBench bench;
  Sent last = first_reply(bench);
  for (int i = 0; i < 50; ++i) {
    const Sent next = ask(bench, last.header.receive, kOpaque, kOther);
    CHECK(next.header.transmit == as_transmit_stamp(to_ntp(last.at.announced + kLate)));
    bench.core.on_transmitted(next.token, next.at.announced + kLate);
    last = next;
  }
}

TEST_CASE("interleaved: one departure serves one reply") {
  AnnouncerBench bench;
  const Sent first = first_reply(bench);
  CHECK_FALSE(is_basic(ask(bench, first.header.receive, kOpaque, kOther)));
  CHECK(is_basic(ask(bench, first.header.receive, kOpaque, kOther)));
}

TEST_CASE("interleaved: without the departure's stamp the reply is basic") {
  AnnouncerBench bench;
  const Sent first = ask(bench, {}, {}, kOther);
  CHECK(is_basic(ask(bench, first.header.receive, kOpaque, kOther)));
}

TEST_CASE("interleaved: a request with equal receive and transmit fields gets a basic reply") {
  AnnouncerBench bench;
  const Sent first = first_reply(bench);
  CHECK(is_basic(ask(bench, first.header.receive, kOther, kOther)));
}

TEST_CASE("interleaved: an origin that was no receive stamp of ours gets a basic reply") {
  AnnouncerBench bench;
  const Sent first = first_reply(bench);
  CHECK(is_basic(ask(bench, first.header.transmit, kOpaque, kOther)));
  CHECK(is_basic(ask(bench, NtpTimestamp{first.header.receive.bits() + 2}, kOpaque, kOther)));
}

TEST_CASE("interleaved: a step of the announced clock makes earlier departures worthless") {
  AnnouncerBench bench;
  const Sent first = first_reply(bench);
  bench.step_clock(Duration::milliseconds(40));
  CHECK(is_basic(ask(bench, first.header.receive, kOpaque, kOther)));
}

TEST_CASE("interleaved: receive and transmit fields of a reply always differ") {
  AnnouncerBench bench;
  bench.age = Duration{};
  for (int i = 0; i < 20; ++i) {
    const Sent reply = ask(bench, {}, {}, kOther);
    CHECK(reply.header.receive != reply.header.transmit);
  }
}

TEST_CASE("interleaved: a reply is never sent before the reference time that it carries") {
  AnnouncerConfig config;
  config.island = true;  // its reference time is that of the reply itself
  AnnouncerBench bench{config};
  for (int i = 0; i < 50; ++i) {
    bench.pass(Duration::nanoseconds(1));
    const Sent reply = ask(bench, {}, {}, kOther);
    CHECK(reply.header.transmit.bits() >= reply.header.reference.bits());
  }
}

TEST_CASE("interleaved: a signed reply is interleaved too, and signed over what it says") {
  AnnouncerBench bench;
  const Sent first = first_reply(bench);
  auto octets = request(first.header.receive, kOpaque, kOther);
  octets.resize(kAnnouncementPacketOctets);
  Nonce nonce{};
  nonce.fill(3);
  write_challenge(octets, kHeaderOctets, nonce);
  bench.pass(Duration::seconds(2));
  const Sent reply = bench.ask(octets, kClient, kSelf).value();
  CHECK(reply.header.origin == kOpaque);
  CHECK(verify_packet(reply.octets, *reply.announcement, nonce, sim::toy_verifier()));
}

}  // namespace timecast::test
