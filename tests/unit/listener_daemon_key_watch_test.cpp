// SPDX-License-Identifier: MIT
#include "listener/daemon/key_watch.hpp"

#include "tests/unit/attack_siege.hpp"

namespace timecast::test {
namespace {

Duration s(std::int64_t n) { return Duration::seconds(n); }

// A listener's core with what a daemon puts around it.
class Bench {
 public:
  explicit Bench(ListenerConfig config = {}) {
    config.entropy = random_.entropy();
    config.verifier = guard_.verifier();
    config.pivot = Timestamp<Announced>{kEpoch - s(86'400)};
    core_ = std::make_unique<Listener>(config);
    watch_.restart(config);
  }

  void pass(Duration span) { now_ = shifted(now_, span); }
  std::optional<KeyNews> hear(const Datagram& octets, const Endpoint& from,
                              const Address& to = kGroup) {
    guard_.arriving(now_);
    static_cast<void>(core_->on_datagram(octets, {now_, {}, from, to, std::uint8_t{255}}));
    return watch_.look(octets, now_.boot, core_->status(now_));
  }
  std::optional<KeyNews> hear(ScriptedAnnouncer& announcer) {
    return hear(announcer.announce(now_), announcer.from);
  }
  // A second with an announcement, and an answer to what is asked.
  std::vector<KeyNews> live(ScriptedAnnouncer& announcer) {
    std::vector<KeyNews> all;
    if (const auto news = hear(announcer)) all.push_back(*news);
    for (int i = 0; i < 4; ++i, pass(Duration::milliseconds(250))) {
      for (const Effect& effect : core_->on_deadline(now_)) {
        const Datagram query{effect.octets.begin(), effect.octets.end()};
        if (!announcer.answers || effect.to != announcer.from) continue;
        const auto news = hear(announcer.reply(query, now_), announcer.from, kSelf);
        if (news) all.push_back(*news);
      }
    }
    return all;
  }

 private:
  sim::Random random_{3};
  SignatureGuard guard_{sim::toy_verifier()};
  KeyWatch watch_{guard_};
  std::unique_ptr<Listener> core_;
  Moment now_{Timestamp<Realtime>{kEpoch}, Timestamp<Raw>{s(3'000)}, Timestamp<Boot>{s(5'000)}};
};

std::vector<KeyNews> live(Bench& bench, ScriptedAnnouncer& announcer, int seconds) {
  std::vector<KeyNews> all;
  for (int i = 0; i < seconds; ++i) {
    for (const KeyNews& each : bench.live(announcer)) all.push_back(each);
  }
  return all;
}

Datagram with_successor(ScriptedAnnouncer& announcer, const Moment& now, std::uint8_t old_key) {
  const Datagram plain = announcer.announce(now);
  Datagram octets(kHeaderOctets + kSuccessorOctets + kAnnouncementOctets);
  copy_octets(Octets{plain}.first(kHeaderOctets), octets);
  Successor successor;
  REQUIRE(endorse(sim::toy_signer(announcer.key).key, sim::toy_signer(old_key), successor));
  write_successor(octets, kHeaderOctets, successor);
  Announcement announcement = announcer.announcement;
  announcement.key = sim::toy_signer(announcer.key).key;
  write_announcement(octets, kHeaderOctets + kSuccessorOctets, announcement);
  REQUIRE(
      sign_packet(octets, kHeaderOctets + kSuccessorOctets, {}, sim::toy_signer(announcer.key)));
  return octets;
}

const Moment kThen{Timestamp<Realtime>{kEpoch}, Timestamp<Raw>{s(3'000)},
                   Timestamp<Boot>{s(5'000)}};

}  // namespace

TEST_CASE("key watch: a key is pinned when it has answered, once") {
  Bench bench;
  ScriptedAnnouncer silent = announcer_of(1);
  silent.answers = false;
  CHECK(live(bench, silent, 20).empty());
  silent.answers = true;
  const auto news = live(bench, silent, 150);
  REQUIRE(news.size() == 1);
  CHECK(news[0].event == KeyEvent::pinned);
  CHECK(news[0].key == sim::toy_signer(1).key);
  CHECK(news[0].booked() == BookedKey{sim::toy_signer(1).key, KeyOrigin::first_use, {}});
}

TEST_CASE("key watch: who only listens pins after three announcements in a row") {
  ListenerConfig config;
  config.listen_only = true;
  Bench bench{config};
  ScriptedAnnouncer announcer = announcer_of(1);
  CHECK(live(bench, announcer, 2).empty());
  const auto news = live(bench, announcer, 10);
  REQUIRE(news.size() == 1);
  CHECK(news[0].event == KeyEvent::pinned);
}

TEST_CASE("key watch: after ten minutes a new key is a stranger and told once") {
  Bench bench;
  ScriptedAnnouncer first = announcer_of(1);
  CHECK(live(bench, first, 30).size() == 1);
  bench.pass(s(700));
  ScriptedAnnouncer late = announcer_of(2);
  const auto news = live(bench, late, 60);
  REQUIRE(news.size() == 1);
  CHECK(news[0].event == KeyEvent::stranger);
  CHECK(news[0].key == sim::toy_signer(2).key);
}

TEST_CASE("key watch: nothing is pinned where keys are named or signatures are off") {
  ListenerConfig off;
  off.signatures = SignatureMode::off;
  for (const ListenerConfig& config : {pinned_to({1}), off}) {
    Bench bench{config};
    ScriptedAnnouncer announcer = announcer_of(1);
    CHECK(live(bench, announcer, 30).empty());
  }
}

TEST_CASE("attack: a stranger's key that nobody signed with raises no alarm") {
  Bench bench{pinned_to({1})};
  ScriptedAnnouncer forger = announcer_of(5);
  Moment now = kThen;
  for (int i = 0; i < 20; ++i) {
    Datagram octets = forger.announce(now);
    octets[110] ^= 1U;
    CHECK_FALSE(bench.hear(octets, forger.from));
    bench.pass(s(60));
    now = shifted(now, s(60));
  }
  // And many that are signed with raise few.
  int told = 0;
  for (std::uint8_t key = 10; key < 100; ++key) {
    ScriptedAnnouncer each = announcer_of(key);
    told += bench.hear(each).has_value() ? 1 : 0;
  }
  CHECK(told <= 4);
  seen("90 keys made up at once: " + std::to_string(told) + " alarms");
}

TEST_CASE(
    "key watch: a successor is trusted by the word of a trusted key, its own signature given") {
  Bench bench{pinned_to({1})};
  ScriptedAnnouncer successor = announcer_of(2);
  const auto news = bench.hear(with_successor(successor, kThen, 1), successor.from);
  REQUIRE(news);
  CHECK(news->event == KeyEvent::endorsed);
  CHECK(news->booked() ==
        BookedKey{sim::toy_signer(2).key, KeyOrigin::endorsed, sim::toy_signer(1).key});
}

TEST_CASE("attack: a successor of a key that is not trusted or of no endorsement at all") {
  Bench bench{pinned_to({1})};
  ScriptedAnnouncer forger = announcer_of(2);
  const auto by_stranger = bench.hear(with_successor(forger, kThen, 3), forger.from);
  REQUIRE(by_stranger);
  CHECK(by_stranger->event == KeyEvent::stranger);
  // It signs with its own key, in the name of the trusted one.
  ScriptedAnnouncer other = announcer_of(4);
  Datagram octets = with_successor(other, kThen, 3);
  copy_octets(sim::toy_signer(1).key, MutableOctets{octets}.subspan(kHeaderOctets + 8));
  REQUIRE(sign_packet(octets, kHeaderOctets + kSuccessorOctets, {}, sim::toy_signer(4)));
  const auto forged = bench.hear(octets, other.from);
  REQUIRE(forged);
  CHECK(forged->event == KeyEvent::stranger);
  seen("two strangers are told, none is trusted");
}

}  // namespace timecast::test
