// SPDX-License-Identifier: MIT
//
// What an announcer answers: on_query() of announcer.cpp.
#include "tests/unit/announcer_bench.hpp"

namespace timecast::test {
namespace {

using Datagram = std::vector<std::uint8_t>;

constexpr Address kClientAddress = Address::ipv4(192, 0, 2, 9);
constexpr Endpoint kClient{kClientAddress, 40'000, 2};
constexpr Endpoint kSelf{Address::ipv4(192, 0, 2, 1), 11'123, 2};

Duration us(std::int64_t n) { return Duration::microseconds(n); }
Duration ms(std::int64_t n) { return Duration::milliseconds(n); }

Datagram request(std::uint8_t version = 4, std::uint64_t transmit = 0xFEDC'BA98'7654'3210) {
  Header header;
  header.mode = Mode::client;
  header.version = version;
  header.poll = Log2Seconds{static_cast<std::int8_t>(-3)};
  header.transmit = NtpTimestamp{transmit};
  const HeaderOctets octets = encode(header);
  return {octets.begin(), octets.end()};
}

constexpr Nonce nonce_of(std::uint8_t octet) {
  Nonce nonce{};
  nonce.fill(octet);
  return nonce;
}

Datagram challenge(std::uint8_t nonce = 0x5A) {
  Datagram octets = request();
  octets.resize(kAnnouncementPacketOctets);
  write_challenge(octets, kHeaderOctets, nonce_of(nonce));
  return octets;
}

Datagram with(Datagram octets, std::size_t at, std::uint8_t value) {
  octets[at] = value;
  return octets;
}

Datagram with_unknown_field() {
  Datagram octets = request();
  octets.insert(octets.end(), {0xF7, 0xE0, 0, 200});
  octets.resize(kHeaderOctets + 200);
  return octets;
}

}  // namespace

TEST_CASE("answers: version and poll are the request's, its transmit field comes back untouched") {
  for (std::uint8_t version = 1; version <= 4; ++version) {
    for (const std::uint64_t transmit : {0ULL, 1ULL, ~0ULL, 0x0123'4567'89AB'CDEFULL}) {
      CAPTURE(transmit);
      AnnouncerBench bench;
      const Sent reply = bench.ask(request(version, transmit), kClient, kSelf).value();
      CHECK(reply.octets.size() == 48);
      CHECK(reply.stream == kNoStream);
      CHECK(reply.header.version == version);
      CHECK(reply.header.mode == Mode::server);
      CHECK(reply.header.poll == Log2Seconds{-3});
      CHECK(reply.header.origin == NtpTimestamp{transmit});
      CHECK(reply.header.receive == to_ntp(bench.now.announced - us(50)));
      CHECK(reply.header.transmit == to_ntp(bench.now.announced));
      CHECK(reply.header.leap == Leap::none);
      CHECK(reply.header.stratum == 3);
      CHECK(reply.header.precision == Log2Seconds{-20});
      CHECK(reply.header.reference == to_ntp(bench.now.announced));
    }
  }
}

TEST_CASE("answers: no reply is longer than its request, and only a challenge gets more than 48") {
  struct Row {
    std::string_view name;
    Datagram octets;
    std::size_t length;
  };
  const Row rows[] = {
      {"plain", request(), 48},
      {"with an unknown field", with_unknown_field(), 48},
      {"with somebody else's field of our type", with(challenge(), kHeaderOctets + 4, 'X'), 48},
      {"challenge", challenge(), 172},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    AnnouncerBench bench;
    const Sent reply = bench.ask(row.octets, kClient, kSelf).value();
    CHECK(reply.octets.size() == row.length);
    CHECK(reply.octets.size() <= row.octets.size());
  }
}

TEST_CASE("answers: an unsynchronised clock is told as such") {
  AnnouncerBench bench;
  bench.clock = kBadClock;
  for (const Datagram& octets : {request(), challenge()}) {
    const Sent reply = bench.ask(octets, kClient, kSelf).value();
    CHECK(reply.header.leap == Leap::unsynchronised);
    CHECK(reply.header.stratum == 0);
    CHECK(reply.header.reference_id == ReferenceId{});  // no kiss of death
    CHECK(reply.header.origin == NtpTimestamp{0xFEDC'BA98'7654'3210});
  }
}

TEST_CASE("answers: a challenge's reply is signed over its nonce and nothing else") {
  AnnouncerBench bench;
  const Sent reply = bench.ask(challenge(), kClient, kSelf).value();
  REQUIRE(reply.announcement.has_value());
  const Verifier verifier = sim::toy_verifier();
  CHECK(verify_packet(reply.octets, *reply.announcement, nonce_of(0x5A), verifier));
  CHECK_FALSE(verify_packet(reply.octets, *reply.announcement, nonce_of(0x5B), verifier));
  CHECK_FALSE(verify_packet(reply.octets, *reply.announcement, {}, verifier));
  CHECK(reply.announcement->key == sim::toy_signer(7).key);
  CHECK(bench.core.status().signed_replies == 1);
  CHECK(bench.core.status().replies == 1);
}

TEST_CASE("answers: a challenge's reply repeats what the asked interface's chain announced last") {
  AnnouncerConfig config;
  config.first_sequence = 500;
  AnnouncerBench bench{config};
  const StreamId first = bench.add(StreamKind::precise);
  const StreamId second = bench.add(StreamKind::precise);
  struct Last {
    std::uint16_t chain = 0;
    std::uint64_t sequence = 0;
  } last_of_first, last_of_second;
  for (int i = 0; i < 9; ++i) {
    const Sent sent = bench.next().value();
    (sent.stream == first ? last_of_first : last_of_second) = {sent.announcement->chain,
                                                               sent.announcement->sequence};
  }
  const std::uint64_t unused = bench.core.next_sequence();
  for (int i = 0; i < 3; ++i) {
    const Sent reply = bench.ask(challenge(), kClient, kSelf, first).value();
    CHECK(reply.announcement->chain == last_of_first.chain);
    CHECK(reply.announcement->sequence == last_of_first.sequence);
  }
  const Sent reply = bench.ask(challenge(), kClient, kSelf, second).value();
  CHECK(reply.announcement->chain == last_of_second.chain);
  CHECK(reply.announcement->sequence == last_of_second.sequence);
  CHECK(bench.core.next_sequence() == unused);
}

TEST_CASE("answers: each kind of reply is written ahead by its own median lateness") {
  AnnouncerBench bench;
  for (int i = 0; i < 20; ++i) {
    const Sent plain = bench.ask(request(), kClient, kSelf).value();
    bench.core.on_transmitted(plain.token, plain.at.announced + us(15));
    const Sent with_signature = bench.ask(challenge(), kClient, kSelf).value();
    bench.core.on_transmitted(with_signature.token, with_signature.at.announced + us(55));
    CHECK(plain.header.transmit ==
          as_transmit_stamp(to_ntp(plain.at.announced + us(i == 0 ? 0 : 15))));
    CHECK(with_signature.header.transmit ==
          as_transmit_stamp(to_ntp(with_signature.at.announced + us(i == 0 ? 0 : 55))));
    bench.pass(Duration::seconds(2));
  }
}

TEST_CASE("answers: a reply that could not be sent teaches nothing") {
  AnnouncerBench bench;
  const Sent reply = bench.ask(request(), kClient, kSelf).value();
  bench.core.on_send_failed(reply.token);
  bench.core.on_transmitted(reply.token, reply.at.announced + us(900));
  CHECK(bench.ask(request(), kClient, kSelf)->header.transmit ==
        as_transmit_stamp(to_ntp(bench.now.announced)));
}

TEST_CASE("answers: what is not answered is counted by its reason, and nothing else changes") {
  struct Row {
    std::string_view name;
    Reject reason;
    Datagram octets = request();
    Endpoint from = kClient;
    Endpoint to = kSelf;
    Duration age = us(50);
  };
  const Address wide = Address::ipv4(255, 255, 255, 255);
  const Row rows[] = {
      {"cut short", Reject::too_short, Datagram(47, 0x23)},
      {"too long", Reject::too_long, Datagram(1'284, 0x23)},
      {"odd length", Reject::length_not_multiple_of_four, Datagram(49, 0x23)},
      {"version 0", Reject::bad_version, request(0)},
      {"version 5", Reject::bad_version, request(5)},
      {"mode 0", Reject::bad_mode, with(request(), 0, 0x20)},
      {"mode 1", Reject::bad_mode, with(request(), 0, 0x21)},
      {"mode 2", Reject::bad_mode, with(request(), 0, 0x22)},
      {"mode 4", Reject::bad_mode, with(request(), 0, 0x24)},
      {"mode 5", Reject::bad_mode, with(request(), 0, 0x25)},
      {"mode 6", Reject::bad_mode, with(request(), 0, 0x26)},
      {"mode 7", Reject::bad_mode, with(request(), 0, 0x27)},
      {"a field too long", Reject::bad_field_length, with(with_unknown_field(), 51, 204)},
      {"a rest of eight", Reject::bad_mac_length, Datagram(56, 0x23)},
      {"an unknown MAC", Reject::unknown_mac, Datagram(68, 0x23)},
      {"an unknown MAC of 24", Reject::unknown_mac, Datagram(72, 0x23)},
      {"an unknown MAC of version 3", Reject::unknown_mac, Datagram(68, 0x1B)},
      {"not quite a challenge", Reject::bad_announcement, with(challenge(), 60, 1)},
      {"to a group",
       Reject::bad_destination,
       request(),
       kClient,
       {Address::ipv4(239, 255, 123, 124), 11'123, 2}},
      {"to everybody", Reject::bad_destination, request(), kClient, {wide, 11'123, 2}},
      {"to no address", Reject::bad_destination, request(), kClient, {{}, 11'123, 2}},
      {"from port 0", Reject::bad_source, request(), {kClientAddress, 0, 2}},
      {"from chargen", Reject::bad_source, request(), {kClientAddress, 19, 2}},
      {"from ourselves", Reject::bad_source, request(), kSelf},
      {"from loopback", Reject::bad_source, request(), {Address::ipv4(127, 0, 0, 1), 40'000, 2}},
      {"from everybody", Reject::bad_source, request(), {wide, 40'000, 2}},
      {"from another network",
       Reject::not_allowed,
       request(),
       {Address::ipv4(198, 51, 100, 9), 40'000, 2}},
      {"from another IPv6 network",
       Reject::not_allowed,
       request(),
       {Address{Family::ipv6, {0x20, 0x01}}, 40'000, 2}},
      {"waited too long", Reject::stale_request, request(), kClient, kSelf, ms(501)},
      {"from the future", Reject::stale_request, request(), kClient, kSelf, -ms(501)},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    AnnouncerBench bench;
    static_cast<void>(bench.add(StreamKind::precise));
    const auto due = bench.core.next_deadline();
    bench.age = row.age;
    CHECK_FALSE(bench.ask(row.octets, row.from, row.to).has_value());
    const AnnouncerStatus& status = bench.core.status();
    CHECK(status.rejected[row.reason] == 1);
    CHECK(status.rejected.total() == 1);
    CHECK(status.replies == 0);
    CHECK(bench.core.next_deadline() == due);
    CHECK(bench.core.next_sequence() == 1);
  }
}

TEST_CASE("answers: the rate is limited by address, whatever the port") {
  AnnouncerBench bench;
  int answered = 0;
  for (std::uint16_t i = 0; i < 1'064; ++i) {
    const Endpoint from{kClientAddress, static_cast<std::uint16_t>(2'000 + i), 2};
    answered += bench.ask(request(), from, kSelf).has_value() ? 1 : 0;
  }
  CHECK(answered > 64 + 200);
  CHECK(answered < 64 + 300);
  CHECK(bench.core.status().rejected[Reject::rate_limited] ==
        static_cast<std::uint32_t>(1'064 - answered));
  const Endpoint other{Address::ipv4(192, 0, 2, 10), 40'000, 2};
  CHECK(bench.ask(request(), other, kSelf).has_value());
}

TEST_CASE("answers: what cannot be answered anyway does not use up a client's rate") {
  AnnouncerBench bench;
  bench.age = Duration::seconds(1);
  for (int i = 0; i < 200; ++i) CHECK_FALSE(bench.ask(request(), kClient, kSelf).has_value());
  CHECK(bench.core.status().rejected[Reject::stale_request] == 200);
  bench.age = us(50);
  for (int i = 0; i < 64; ++i) CHECK(bench.ask(request(), kClient, kSelf).has_value());
}

TEST_CASE("answers: signatures have a limit of their own, so that forged addresses cost little") {
  AnnouncerBench bench;
  int answered = 0;
  for (int i = 0; i < 5'000; ++i) {
    const Endpoint from{Address::ipv4(192, 0, 2, static_cast<std::uint8_t>(i % 250 + 1)), 40'000,
                        2};
    answered += bench.ask(challenge(), from, kSelf).has_value() ? 1 : 0;
  }
  CHECK(answered == 8 + 128);                               // at once and in their turns
  CHECK(bench.ask(request(), kClient, kSelf).has_value());  // costs no signature
  bench.pass(ms(100));
  answered = 0;
  for (int i = 0; i < 5'000; ++i) {
    const Endpoint from{
        Address{Family::ipv6,
                {0xFE, 0x80, 0, 0, 0, 0, 0, 0, 1, static_cast<std::uint8_t>(i % 250)}},
        40'000, 2};
    const Endpoint to{Address{Family::ipv6, {0xFE, 0x80, 0, 0, 0, 0, 0, 0, 9}}, 11'123, 2};
    answered += bench.ask(challenge(), from, to).has_value() ? 1 : 0;
  }
  CHECK(answered == 100);
}

TEST_CASE("answers: loopback asks loopback without being listed") {
  AnnouncerBench bench;
  const Endpoint from{Address::ipv4(127, 0, 0, 1), 40'000, 1};
  const Endpoint to{Address::ipv4(127, 0, 0, 1), 11'123, 1};
  CHECK(bench.ask(request(), from, to).has_value());
}

TEST_CASE("answers: a refused signature is no reply") {
  AnnouncerConfig config;
  config.signer = {[](const void*, const SignedMessage&, Signature&) noexcept { return false; },
                   nullptr, sim::toy_signer(7).key};
  AnnouncerBench bench{config};
  CHECK_FALSE(bench.ask(challenge(), kClient, kSelf).has_value());
  CHECK(bench.core.status().signed_replies == 0);
  CHECK(bench.core.status().replies == 0);
}

}  // namespace timecast::test
