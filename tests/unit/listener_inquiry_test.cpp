// SPDX-License-Identifier: MIT
//
// What an inquiry writes, and which answers it takes.
#include <set>

#include "tests/unit/listener_inquiry_scene.hpp"

namespace timecast::test {
namespace {

using Scene = InquiryScene;

}  // namespace

TEST_CASE("inquiry: nothing is asked before it begins") {
  Scene scene;
  CHECK_FALSE(scene.inquiry.next_deadline().has_value());
  CHECK_FALSE(scene.inquiry.query_due(scene.now.boot));
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
