// SPDX-License-Identifier: MIT
#include "listener/daemon/signature_guard.hpp"

#include "listener/core/source.hpp"
#include "tests/unit/attack_siege.hpp"

namespace timecast::test {
namespace {

Duration ms(std::int64_t n) { return Duration::milliseconds(n); }
Duration s(std::int64_t n) { return Duration::seconds(n); }

// A guard in front of a verifier that counts, and the packets of an announcer that is followed.
class Bench {
 public:
  Bench() {
    guard_.expect(followed_);
    REQUIRE(hear(announcement(Duration{})));
  }

  void pass(Duration span) { now_ = shifted(now_, span); }

  // A packet of the time that it comes at, or of one so much later.
  Datagram announcement(Duration later) {
    announcer_.ahead = followed_.offset + later;
    return announcer_.announce(now_);
  }
  bool hear(const Datagram& octets, Octets nonce = {}) {
    const auto packet = decode(octets);
    REQUIRE(packet);
    const auto found = find_announcement(*packet);
    REQUIRE(found);
    guard_.arriving(now_);
    return verify_packet(packet->octets, *found, nonce, guard_.verifier());
  }
  // Forged ones, over a span; how many of them were looked at.
  int flood(int packets, Duration span, Duration later = {}) {
    const int before = checks;
    for (int i = 0; i < packets; ++i) {
      Datagram octets = announcement(later);
      octets[110] ^= 1U;
      CHECK_FALSE(hear(octets));
      pass(span / packets);
    }
    return checks - before;
  }

  int checks = 0;
  SignatureGuard& guard() { return guard_; }
  ScriptedAnnouncer& announcer() { return announcer_; }
  [[nodiscard]] const ListenerStatus& followed() const { return followed_; }

 private:
  static bool counted(const void* context, const PublicKey& key, const SignedMessage& message,
                      const Signature& signature) noexcept {
    ++static_cast<Bench*>(const_cast<void*>(context))->checks;
    return sim::toy_verifier()(key, message, signature);
  }

  ScriptedAnnouncer announcer_;
  Moment now_{Timestamp<Realtime>{kEpoch}, Timestamp<Raw>{s(3'000)}, Timestamp<Boot>{s(5'000)}};
  ListenerStatus followed_ = [] {
    ListenerStatus status;
    status.state = State::synchronised;
    status.lateness_bounded = true;
    status.key = sim::toy_signer(1).key;
    status.offset = ms(250);
    status.error = Duration::microseconds(20);
    status.delay = Duration::microseconds(100);
    status.interval = s(1);
    return status;
  }();
  SignatureGuard guard_{{counted, this}};
};

}  // namespace

TEST_CASE("signature guard: what holds is told, and only of the last datagram") {
  Bench bench;
  REQUIRE(bench.guard().passed());
  CHECK(bench.guard().passed()->key == sim::toy_signer(1).key);
  CHECK_FALSE(bench.guard().passed()->answers);
  Datagram forged = bench.announcement(Duration{});
  forged[110] ^= 1U;
  CHECK_FALSE(bench.hear(forged));
  CHECK_FALSE(bench.guard().passed());
  const Nonce nonce{7};
  CHECK(bench.hear(
      signed_packet(bench.announcer().header, bench.announcer().announcement, 1, nonce), nonce));
  REQUIRE(bench.guard().passed());
  CHECK(bench.guard().passed()->answers);
  CHECK(bench.guard().unchecked() == 0);
}

TEST_CASE("signature guard: a flood costs fifty checks a second and what is expected") {
  Bench bench;
  bench.pass(s(10));
  const int checked = bench.flood(20'000, s(1), s(100));
  CHECK(checked <= 2 * SignatureGuard::kChecksASecond);
  CHECK(checked >= SignatureGuard::kChecksASecond);
  CHECK(bench.guard().unchecked() == static_cast<std::uint64_t>(20'000 - checked));
}

TEST_CASE("attack: 20000 badly signed packets a second do not shut out the one that is expected") {
  // Each interval the flood comes first, with times that lie outside the window.
  Bench bench;
  int heard = 0;
  for (int i = 0; i < 60; ++i) {
    bench.flood(20'000, s(1), ms(i % 2 == 0 ? 50 : -50));
    heard += bench.hear(bench.announcement(Duration{})) ? 1 : 0;
  }
  CHECK(heard == 60);
  CHECK(bench.checks <= 60 * (SignatureGuard::kChecksASecond + 2) + 64);
  seen("60 of 60 genuine packets checked; checks a second: " + std::to_string(bench.checks / 60));
}

TEST_CASE("attack: a flood within the expected window is looked at 32 times an interval") {
  Bench bench;
  const int before = bench.checks;
  for (int i = 0; i < 60; ++i) bench.flood(20'000, s(1));
  const int most = 60 * (SignatureGuard::kChecksASecond + SignatureGuard::kChecksAnInterval) + 82;
  CHECK(bench.checks - before <= most);
  // Answers to questions are looked at all the same.
  const Nonce nonce{9};
  CHECK(bench.hear(
      signed_packet(bench.announcer().header, bench.announcer().announcement, 1, nonce), nonce));
  seen("checks a second: " + std::to_string((bench.checks - before) / 60) +
       "; the challenge's answer is checked");
}

TEST_CASE("signature guard: a flood that comes between takes nothing of the next window") {
  Bench bench;
  bench.pass(ms(100));
  const int between = bench.flood(16'000, ms(800));  // of the right time, but not due
  CHECK(between <= 2 * SignatureGuard::kChecksASecond);
  bench.pass(ms(100));
  CHECK(bench.hear(bench.announcement(Duration{})));
}

TEST_CASE("signature guard: each question has sixteen answers looked at") {
  Bench bench;
  for (std::uint8_t question = 1; question <= 3; ++question) {
    const Nonce nonce{question};
    Datagram reply =
        signed_packet(bench.announcer().header, bench.announcer().announcement, 1, nonce);
    Datagram forged = reply;
    forged[110] ^= 1U;
    const int before = bench.checks;
    for (int i = 0; i < SignatureGuard::kChecksAQuestion - 1; ++i) {
      CHECK_FALSE(bench.hear(forged, nonce));
    }
    CHECK(bench.hear(reply, nonce));
    CHECK_FALSE(bench.hear(reply, nonce));
    CHECK(bench.checks - before == SignatureGuard::kChecksAQuestion);
  }
}

TEST_CASE("attack: forged answers to two questions in turn are looked at sixteen times each") {
  Bench bench;
  const auto answer_to = [&](const Nonce& nonce) {
    return signed_packet(bench.announcer().header, bench.announcer().announcement, 1, nonce);
  };
  const Nonce questions[] = {Nonce{1}, Nonce{2}};
  const int before = bench.checks;
  for (int i = 0; i < 2'000; ++i) {
    const Nonce& question = questions[i % 2];
    Datagram forged = answer_to(question);
    forged[110] ^= 1U;
    CHECK_FALSE(bench.hear(forged, question));
  }
  CHECK(bench.checks - before == 2 * SignatureGuard::kChecksAQuestion);
  // As many questions can be out as there are sources, and one of the floors'.
  constexpr int kMostOut = static_cast<int>(kMaxSources) + 1;
  int checked = 0;
  for (int i = 0; i < 2'000; ++i) {
    const Nonce question{static_cast<std::uint8_t>(10 + i % kMostOut)};
    Datagram forged = answer_to(question);
    forged[110] ^= 1U;
    const int so_far = bench.checks;
    CHECK_FALSE(bench.hear(forged, question));
    checked += bench.checks - so_far;
  }
  CHECK(checked == kMostOut * SignatureGuard::kChecksAQuestion);
  // The next question is new.
  const Nonce next{9};
  CHECK(bench.hear(answer_to(next), next));
  seen("of 2000 in turn " + std::to_string(2 * SignatureGuard::kChecksAQuestion) + " are checked");
}

TEST_CASE("attack: a flood that was in the window for minutes and leaves it shuts out nobody") {
  Bench bench;
  for (int i = 0; i < 300; ++i) bench.flood(200, s(1));
  // None of the genuine ones was heard meanwhile; the announcer's grid has moved against ours.
  int heard = 0;
  for (int i = 0; i < 60; ++i) {
    bench.flood(1'000, ms(507), ms(50));
    heard += bench.hear(bench.announcement(Duration{})) ? 1 : 0;
    bench.flood(1'000, ms(493), ms(50));
  }
  CHECK(heard == 60);
  seen("60 of 60 genuine packets checked afterwards");
}

TEST_CASE(
    "signature guard: a record by the announcer's key does not tell when its next one is due") {
  Bench bench;
  bench.pass(ms(507));
  CHECK(bench.hear(bench.announcement(-s(3'600))));
  bench.pass(s(3) - ms(500));
  bench.flood(100'000, s(1) - ms(7), ms(50));  // the budget is used up when it is due
  CHECK(bench.hear(bench.announcement(Duration{})));
}

TEST_CASE("signature guard: nothing is expected of whom nobody vouches for") {
  for (const State state : {State::searching, State::tentative, State::lost}) {
    Bench bench;
    ListenerStatus status = bench.followed();
    status.state = state;
    bench.guard().expect(status);
    bench.flood(1'000, ms(1), s(100));
    CHECK_FALSE(bench.hear(bench.announcement(Duration{})));
    bench.pass(s(1));
    CHECK(bench.hear(bench.announcement(Duration{})));
  }
}

}  // namespace timecast::test
