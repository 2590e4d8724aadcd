// SPDX-License-Identifier: MIT
#include "listener/core/inquiry.hpp"

#include <set>

#include "tests/unit/listener_bench.hpp"

namespace timecast::test {
namespace {

Duration ms(std::int64_t n) { return Duration::milliseconds(n); }
Duration s(std::int64_t n) { return Duration::seconds(n); }

struct Scene {
  sim::Random random{1};
  Entropy entropy = random.entropy();
  Verifier verifier = sim::toy_verifier();
  Inquiry inquiry;
  Inquiry::Buffer buffer{};
  ScriptedAnnouncer announcer;
  Moment now{Timestamp<Realtime>{kEpoch}, Timestamp<Raw>{s(3'000)}, Timestamp<Boot>{s(5'000)}};
  QueryToken token = 0;

  Octets ask(bool challenge = true) {
    now = shifted(now, std::max(inquiry.next_deadline().value() - now.boot, Duration{}));
    REQUIRE(inquiry.query_due(now.boot));
    const std::size_t length = inquiry.write_query(buffer, now, ++token, challenge, entropy);
    return Octets{buffer}.first(length);
  }
  Expected<Inquiry::Reply, Reject> examine(const Datagram& octets) const {
    const auto packet = decode(octets);
    REQUIRE(packet.has_value());
    Inquiry::Reply reply;
    const Reject reason = inquiry.examine(*packet, sim::toy_signer(1).key, verifier, reply);
    if (reason != kNotRejected) return because(reason);
    return reply;
  }
  // A signed reply to the query with these octets as its origin.
  Datagram reply_with_origin(Octets query, Octets origin) {
    Datagram echoed{query.begin(), query.end()};
    copy_octets(origin, MutableOctets{echoed}.subspan(kTransmitOffset, 8));
    return announcer.reply(echoed, now);
  }
  bool in_pairs = false;
  // How long after an answer the next query comes.
  Duration answered(Eagerness eagerness, NtpTimestamp received = {}) {
    Header reply;
    reply.receive = received;
    inquiry.answered(reply, now.boot, eagerness, in_pairs, entropy);
    return inquiry.next_deadline().value() - now.boot;
  }
};

}  // namespace

TEST_CASE("inquiry: nothing is asked before it begins") {
  Scene scene;
  CHECK_FALSE(scene.inquiry.next_deadline().has_value());
  CHECK_FALSE(scene.inquiry.query_due(scene.now.boot));
}

TEST_CASE("inquiry: first queries are spread over what the announcer asks for") {
  for (const Duration spread : {Duration{}, ms(100), s(1), s(6'553)}) {
    CAPTURE(spread.count_ns());
    Duration least = Duration::max();
    Duration most;
    for (int i = 0; i < 2'000; ++i) {
      Scene scene;
      scene.random = sim::Random{static_cast<std::uint64_t>(i)};
      scene.inquiry.begin(scene.now.boot, spread, scene.entropy);
      const Duration wait = scene.inquiry.next_deadline().value() - scene.now.boot;
      least = std::min(least, wait);
      most = std::max(most, wait);
    }
    const Duration width = std::max(spread, ms(1));
    CHECK(most <= width);
    CHECK(most >= width * 99 / 100);
    CHECK(least <= width / 100);
  }
}

TEST_CASE("inquiry: to begin again changes nothing until there was an answer") {
  Scene scene;
  scene.inquiry.begin(scene.now.boot, s(5), scene.entropy);
  const auto due = scene.inquiry.next_deadline();
  for (int i = 0; i < 50; ++i) scene.inquiry.begin(scene.now.boot, s(5), scene.entropy);
  CHECK(scene.inquiry.next_deadline() == due);

  static_cast<void>(scene.ask());
  for (int i = 0; i < 30; ++i) static_cast<void>(scene.answered(Eagerness::rare));
  CHECK(scene.inquiry.next_deadline().value() - scene.now.boot >= s(32));
  scene.inquiry.begin(scene.now.boot, s(5), scene.entropy);
  CHECK(scene.inquiry.next_deadline().value() - scene.now.boot <= s(5));
}

TEST_CASE("inquiry: who waits to ask does so as much sooner or later as the spread changes") {
  struct Row {
    Duration before;
    Duration after;
  };
  for (const Row& row : {Row{s(20), s(1)}, {s(20), s(80)}, {s(1), s(80)}, {ms(100), s(6'553)}}) {
    CAPTURE(row.before.count_ns());
    Scene scene;
    scene.inquiry.begin(scene.now.boot, row.before, scene.entropy);
    const double waits = (scene.inquiry.next_deadline().value() - scene.now.boot).to_seconds();
    scene.inquiry.begin(scene.now.boot, row.after, scene.entropy);
    const double waits_now = (scene.inquiry.next_deadline().value() - scene.now.boot).to_seconds();
    const double stretched = waits * row.after.to_seconds() / row.before.to_seconds();
    CHECK(waits_now == doctest::Approx(stretched).epsilon(0.001));
  }
}

TEST_CASE("inquiry: where the spread is wide what is hurried is slower, up to the usual pace") {
  struct Row {
    Duration spread;
    Eagerness eagerness;
    Duration spacing;
  };
  for (const Row& row : {Row{s(1), Eagerness::quick, ms(150)},
                         {s(5), Eagerness::quick, ms(2'150)},
                         {s(61), Eagerness::quick, ms(30'150)},
                         {s(61), Eagerness::brisk, ms(31'500)},
                         {s(61), Eagerness::rare, s(32)},
                         {s(6'553), Eagerness::quick, s(32)}}) {
    CAPTURE(row.spread.count_ns());
    Scene scene;
    scene.inquiry.begin(scene.now.boot, row.spread, scene.entropy);
    for (int asked = 0; asked < 20; ++asked) {
      static_cast<void>(scene.ask());
      const Duration wait = scene.answered(row.eagerness);
      CHECK(wait >= row.spacing);
      CHECK(wait <= row.spacing * 2);
    }
  }
}

TEST_CASE("inquiry: who is not answered among many tries again as slowly") {
  Scene scene;
  scene.inquiry.begin(scene.now.boot, s(61), scene.entropy);
  static_cast<void>(scene.ask());
  scene.now = shifted(scene.now, s(1));
  scene.inquiry.expire(scene.now.boot, scene.entropy);
  const Duration wait = scene.inquiry.next_deadline().value() - scene.now.boot;
  CHECK(wait >= ms(30'750));
  CHECK(wait <= ms(61'500));
}

TEST_CASE("inquiry: what must be confirmed is asked at once, unless very many would") {
  for (const Duration spread : {s(1), s(61)}) {
    CAPTURE(spread.count_ns());
    Scene scene;
    scene.inquiry.begin(scene.now.boot, spread, scene.entropy);
    static_cast<void>(scene.ask());
    static_cast<void>(scene.answered(Eagerness::rare));
    scene.inquiry.begin_soon(scene.now.boot, scene.entropy);
    const Duration wait = scene.inquiry.next_deadline().value() - scene.now.boot;
    CHECK(wait <= (spread == s(1) ? ms(1) : ms(30'001)));
  }
}

TEST_CASE("inquiry: a query reveals nothing but what it is") {
  Scene scene;
  scene.inquiry.begin(scene.now.boot, s(1), scene.entropy);
  std::set<std::uint64_t> transmits;
  std::set<Nonce> nonces;
  for (int i = 0; i < 1'000; ++i) {
    const bool challenge = i % 2 == 0;
    const Octets query = scene.ask(challenge);
    REQUIRE(query.size() == (challenge ? kAnnouncementPacketOctets : kHeaderOctets));
    CHECK(query[0] == 0x23);  // leap 0, version 4, mode 3
    CHECK(query[3] == 32);    // no precision
    CHECK(all_zero(query.subspan(1, 2)));
    CHECK(all_zero(query.subspan(4, 36)));
    transmits.insert(read_big_endian<std::uint64_t>(query, kTransmitOffset));
    if (challenge) {
      const auto packet = decode(query);
      REQUIRE(packet.has_value());
      const auto field = find_announcement(*packet);
      REQUIRE(field.has_value());
      CHECK(is_challenge(*field));
      nonces.insert(field->signature);
    }
    static_cast<void>(scene.answered(Eagerness::rare));
  }
  CHECK(transmits.size() == 1'000);
  CHECK(nonces.size() == 500);
}

TEST_CASE("inquiry: after a reply it asks when that one truly left, with fresh random numbers") {
  Scene scene;
  scene.inquiry.begin(scene.now.boot, s(1), scene.entropy);
  static_cast<void>(scene.ask());
  std::set<std::uint64_t> random_numbers;
  for (std::uint64_t i = 1; i <= 100; ++i) {
    static_cast<void>(scene.answered(Eagerness::rare, NtpTimestamp{2 * i + 1}));
    const Octets query = scene.ask();
    CHECK(all_zero(query.subspan(4, 20)));
    CHECK(read_big_endian<std::uint64_t>(query, 24) == 2 * i + 1);
    random_numbers.insert(read_big_endian<std::uint64_t>(query, 32));
    random_numbers.insert(read_big_endian<std::uint64_t>(query, kTransmitOffset));
  }
  CHECK(random_numbers.size() == 200);
}

TEST_CASE("inquiry: a reply to either form answers, and says which form it has") {
  for (const bool interleaved : {false, true}) {
    CAPTURE(interleaved);
    Scene scene;
    scene.inquiry.begin(scene.now.boot, s(1), scene.entropy);
    static_cast<void>(scene.ask());
    static_cast<void>(scene.answered(Eagerness::rare, NtpTimestamp{77}));
    const Octets query = scene.ask();
    const auto echoed = query.subspan(interleaved ? 32 : kTransmitOffset, 8);
    const auto examined = scene.examine(scene.reply_with_origin(query, echoed));
    REQUIRE(examined.has_value());
    CHECK(examined->interleaved == interleaved);
  }
}

TEST_CASE("inquiry: an origin of zero answers no query, basic or not") {
  Scene scene;
  scene.inquiry.begin(scene.now.boot, s(1), scene.entropy);
  const std::array<std::uint8_t, 8> zero{};
  const Octets basic = scene.ask();
  CHECK(scene.examine(scene.reply_with_origin(basic, zero)).error() == Reject::origin_mismatch);
  static_cast<void>(scene.answered(Eagerness::rare, NtpTimestamp{77}));
  const Octets next = scene.ask();
  CHECK(scene.examine(scene.reply_with_origin(next, zero)).error() == Reject::origin_mismatch);
}

TEST_CASE("inquiry: after silence, and on another timeline, it asks in basic form") {
  Scene scene;
  scene.inquiry.begin(scene.now.boot, s(1), scene.entropy);
  static_cast<void>(scene.ask());
  static_cast<void>(scene.answered(Eagerness::rare, NtpTimestamp{77}));
  static_cast<void>(scene.ask());
  scene.now = shifted(scene.now, s(2));
  scene.inquiry.expire(scene.now.boot, scene.entropy);
  CHECK(all_zero(scene.ask().subspan(4, 36)));

  static_cast<void>(scene.answered(Eagerness::rare, NtpTimestamp{77}));
  scene.inquiry.forget_reply();
  CHECK(all_zero(scene.ask().subspan(4, 36)));
}

TEST_CASE("inquiry: what the reply must repeat is never the unknown time") {
  Scene scene;
  scene.entropy = {[](void*, MutableOctets out) noexcept {
                     for (auto& octet : out) octet = 0;
                   },
                   nullptr};
  scene.inquiry.begin(scene.now.boot, s(1), scene.entropy);
  CHECK(read_big_endian<std::uint64_t>(scene.ask(), kTransmitOffset) != 0);
}

TEST_CASE("inquiry: one query is out at a time, for a second") {
  Scene scene;
  scene.inquiry.begin(scene.now.boot, s(1), scene.entropy);
  static_cast<void>(scene.ask());
  CHECK(scene.inquiry.next_deadline() == scene.now.boot + s(1));
  CHECK_FALSE(scene.inquiry.query_due(scene.now.boot + s(100)));
  scene.inquiry.expire(scene.now.boot + s(1) - Duration::nanoseconds(1), scene.entropy);
  CHECK(scene.inquiry.next_deadline() == scene.now.boot + s(1));
  scene.inquiry.expire(scene.now.boot + s(1), scene.entropy);
  CHECK(scene.inquiry.next_deadline().value() > scene.now.boot + s(1) + ms(750));
}

TEST_CASE("inquiry: unanswered queries become rare, and an answer makes them frequent again") {
  Scene scene;
  scene.inquiry.begin(scene.now.boot, s(1), scene.entropy);
  for (int i = 0; i < 20; ++i) {
    static_cast<void>(scene.ask());
    scene.now = shifted(scene.now, s(1));
    scene.inquiry.expire(scene.now.boot, scene.entropy);
    const Duration wait = scene.inquiry.next_deadline().value() - scene.now.boot;
    const Duration spacing = ms(750) * (std::int64_t{1} << std::clamp(i - 2, 0, 6));
    CHECK(wait >= spacing);
    CHECK(wait <= spacing * 2);
  }
  static_cast<void>(scene.ask());
  CHECK(scene.answered(Eagerness::quick) <= ms(300));
  static_cast<void>(scene.ask());
  scene.now = shifted(scene.now, s(1));
  scene.inquiry.expire(scene.now.boot, scene.entropy);
  CHECK(scene.inquiry.next_deadline().value() - scene.now.boot <= ms(1'500));
}

TEST_CASE("inquiry: the next query comes within one and two spacings of how eager one is") {
  struct Row {
    Eagerness eagerness;
    Duration spacing;
  };
  for (const Row& row :
       {Row{Eagerness::quick, ms(150)}, {Eagerness::brisk, ms(1'500)}, {Eagerness::rare, s(32)}}) {
    CAPTURE(row.spacing.count_ns());
    Scene scene;
    scene.inquiry.begin(scene.now.boot, s(1), scene.entropy);
    for (int asked = 1; asked <= 40; ++asked) {
      static_cast<void>(scene.ask());
      const Duration wait = scene.answered(row.eagerness);
      CHECK(wait >= row.spacing);
      CHECK(wait <= row.spacing * 2);
    }
  }
}

TEST_CASE("inquiry: in pairs every second query comes on the heels of an answer") {
  Scene scene;
  scene.in_pairs = true;
  scene.inquiry.begin(scene.now.boot, s(1), scene.entropy);
  for (int pair = 0; pair < 20; ++pair) {
    static_cast<void>(scene.ask());
    CHECK(scene.answered(Eagerness::rare) == Duration{});
    static_cast<void>(scene.ask());
    CHECK(scene.answered(Eagerness::rare) >= s(32));
  }
}

TEST_CASE("inquiry: a pair whose first or second query is lost is over") {
  for (const int answered : {0, 1}) {
    CAPTURE(answered);
    Scene scene;
    scene.in_pairs = true;
    scene.inquiry.begin(scene.now.boot, s(1), scene.entropy);
    for (int i = 0; i < answered; ++i) {
      static_cast<void>(scene.ask());
      static_cast<void>(scene.answered(Eagerness::rare));
    }
    static_cast<void>(scene.ask());
    scene.now = shifted(scene.now, s(1));
    scene.inquiry.expire(scene.now.boot, scene.entropy);
    CHECK(scene.inquiry.next_deadline().value() - scene.now.boot >= ms(750));
    static_cast<void>(scene.ask());
    CHECK(scene.answered(Eagerness::rare) == Duration{});
  }
}

TEST_CASE("inquiry: the reply to a challenge is signed over its nonce by the announcer's key") {
  Scene scene;
  scene.inquiry.begin(scene.now.boot, s(1), scene.entropy);
  const Datagram unsolicited = scene.announcer.reply(Datagram(172), scene.now);
  CHECK(scene.examine(unsolicited).error() == Reject::unsolicited);
  const Octets query = scene.ask();
  const Datagram good = scene.announcer.reply(query, scene.now);
  CHECK(scene.examine(good).has_value());
  // What it was asked before is over.
  static_cast<void>(scene.answered(Eagerness::rare));
  CHECK(scene.examine(good).error() == Reject::unsolicited);
  static_cast<void>(scene.ask());
  CHECK(scene.examine(good).error() == Reject::origin_mismatch);
}

TEST_CASE("inquiry: without a challenge the random transmit field is all that a reply repeats") {
  Scene scene;
  scene.inquiry.begin(scene.now.boot, s(1), scene.entropy);
  const Datagram good = scene.announcer.reply(scene.ask(false), scene.now);
  CHECK(good.size() == 48);
  const auto reply = scene.examine(good);
  REQUIRE(reply.has_value());
  Datagram forged = good;
  forged[24] ^= 0x80U;
  CHECK(scene.examine(forged).error() == Reject::origin_mismatch);
}

TEST_CASE("inquiry: the latest time of sending counts, of the query that is out") {
  Scene scene;
  scene.inquiry.begin(scene.now.boot, s(1), scene.entropy);
  static_cast<void>(scene.ask());
  const Timestamp<Raw> written = scene.now.raw;
  CHECK(scene.inquiry.sent().raw == written);
  scene.inquiry.on_sent(scene.token, shifted(scene.now, ms(1)));
  CHECK(scene.inquiry.sent().raw == written + ms(1));
  scene.inquiry.on_sent(scene.token, shifted(scene.now, ms(2)));  // the kernel's stamp
  scene.inquiry.on_sent(scene.token - 1, shifted(scene.now, ms(3)));
  scene.inquiry.on_sent(scene.token + 1, shifted(scene.now, ms(3)));
  CHECK(scene.inquiry.sent().raw == written + ms(2));
  static_cast<void>(scene.answered(Eagerness::rare));
  scene.inquiry.on_sent(scene.token, shifted(scene.now, ms(9)));  // too late to matter
  static_cast<void>(scene.ask());
  CHECK(scene.inquiry.sent().raw == scene.now.raw);
}

}  // namespace timecast::test
