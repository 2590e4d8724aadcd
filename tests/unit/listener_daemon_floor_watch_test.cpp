// SPDX-License-Identifier: MIT
#include "listener/daemon/floor_watch.hpp"

#include <algorithm>

#include "tests/unit/attack_siege.hpp"

namespace timecast::test {
namespace {

using News = FloorWatch::Verdict::News;

Duration s(std::int64_t n) { return Duration::seconds(n); }

const PublicKey kKey = sim::toy_signer(1).key;

// A listener's start, with a floor of what announcer 1 said when the record ended.
class Bench {
 public:
  explicit Bench(bool listen_only = false, std::uint64_t seed = 5) : random_{seed} {
    ListenerConfig config;
    config.entropy = random_.entropy();
    config.pivot = Timestamp<Announced>{kEpoch - s(30 * 86'400)};
    config.listen_only = listen_only;
    watch_.restart(config);
    const Timestamp<Announced> at{kEpoch};
    watch_.floors().merge(ReplayFloors{{{kKey, at, now_.boot}}}, {});
  }

  void pass(Duration span) { now_ = shifted(now_, span); }
  FloorWatch::Verdict hear(const Datagram& packet, const Address& to = kGroup) {
    const Arrival arrival{now_, {}, from_, to, std::uint8_t{255}};
    guard_.arriving(now_);
    auto verdict = watch_.look(packet, arrival);
    if (verdict.question) {
      const Octets octets = verdict.question->octets;
      query.assign(octets.begin(), octets.end());
    }
    return verdict;
  }
  FloorWatch::Verdict announce(ScriptedAnnouncer& announcer) {
    return hear(announcer.announce(now_));
  }
  // As the engine does once the core has taken it, who follows `followed` in its own time.
  void accept(ScriptedAnnouncer& announcer, const PublicKey& followed,
              const std::vector<PublicKey>& trusted) {
    const Datagram octets = announcer.announce(now_);
    guard_.arriving(now_);
    const auto packet = decode(octets);
    REQUIRE(verify_packet(packet->octets, *find_announcement(*packet), {}, guard_.verifier()));
    ListenerStatus status;
    status.announcements = ++accepted_;
    status.lateness_bounded = true;
    status.key = followed;
    status.offset = {};
    watch_.admitted(octets, {now_, {}, from_, kGroup, std::uint8_t{255}}, status, trusted);
  }
  [[nodiscard]] bool has_floor(const PublicKey& key) {
    const auto& all = watch_.floors().all();
    return std::any_of(all.begin(), all.end(), [&](const auto& floor) { return floor.key == key; });
  }
  // Announcements until the sender is asked; whether it is.
  bool is_asked(ScriptedAnnouncer& announcer) {
    for (int i = 0; i < 20; ++i, pass(s(1))) {
      if (announce(announcer).question) return true;
    }
    return false;
  }
  [[nodiscard]] Datagram answer_octets(ScriptedAnnouncer announcer) const {
    announcer.interleaves = false;
    return announcer.reply(query, now_);
  }
  Datagram query;  // the last question
  FloorWatch::Verdict answer(const ScriptedAnnouncer& announcer) {
    return hear(answer_octets(announcer), kSelf);
  }

 private:
  sim::Random random_;
  SignatureGuard guard_{sim::toy_verifier()};
  FloorWatch watch_{guard_};
  std::uint32_t accepted_ = 0;
  Endpoint from_{Address::ipv4(192, 0, 2, 1), 11'123, 2};
  Moment now_{Timestamp<Realtime>{kEpoch}, Timestamp<Raw>{s(3'000)}, Timestamp<Boot>{s(5'000)}};
};

ScriptedAnnouncer behind(Duration by) {
  ScriptedAnnouncer announcer;
  announcer.ahead = -by;
  return announcer;
}

}  // namespace

TEST_CASE("floor watch: what lies above the floor, or has none, goes to the core") {
  Bench bench;
  ScriptedAnnouncer today = behind(-s(60));
  CHECK_FALSE(bench.announce(today).keeps_out);
  ScriptedAnnouncer other = behind(s(86'400));
  other.key = 2;
  CHECK_FALSE(bench.announce(other).keeps_out);
  CHECK_FALSE(bench.hear(Datagram(47)).keeps_out);
  CHECK_FALSE(bench.hear(cut(other.announce({}), 48)).keeps_out);
}

TEST_CASE("attack: CVE-2015-7973 a record is played to a listener that has just been restarted") {
  Bench bench;
  ScriptedAnnouncer record = behind(s(3'600));
  int told = 0;
  int asked = 0;
  for (int i = 0; i < 600; ++i, bench.pass(s(1))) {
    const auto verdict = bench.announce(record);
    CHECK(verdict.keeps_out);
    told += verdict.news == News::played ? 1 : 0;
    if (!verdict.question) continue;
    ++asked;
    // The announcer answers, of today: that is no reason to hear its past.
    const auto answer = bench.answer(behind(Duration{}));
    CHECK(answer.keeps_out);
    CHECK(answer.news == News::none);
  }
  CHECK(told == 1);
  CHECK(asked > 50);
  seen("600 of 600 kept out; asked " + std::to_string(asked) + " times, told once");
}

TEST_CASE("attack: CVE-2015-7973 a record is played to a restarted listener that never asks") {
  Bench bench{true};
  ScriptedAnnouncer record = behind(s(3'600));
  int told = 0;
  for (int i = 0; i < 600; ++i, bench.pass(s(1))) {
    const auto verdict = bench.announce(record);
    CHECK(verdict.keeps_out);
    CHECK_FALSE(verdict.question);
    told += verdict.news == News::played ? 1 : 0;
  }
  CHECK(told == 1);
  seen("600 of 600 kept out; told once, with what to do");
}

TEST_CASE("floor watch: whoever is trusted and tells the time that is followed has a floor") {
  struct Row {
    const char* name;
    std::uint8_t key;
    Duration behind;
    bool has_floor;
  };
  const Row rows[] = {{"trusted, the same time", 2, {}, true},
                      {"trusted, 0.9 s behind", 2, Duration::milliseconds(900), true},
                      {"trusted, an hour behind", 2, s(3'600), false},
                      {"trusted, an hour ahead", 2, s(-3'600), false},
                      {"not trusted yet", 3, {}, false}};
  for (const Row& row : rows) {
    CAPTURE(row.name);
    Bench bench;
    ScriptedAnnouncer other = behind(row.behind);
    other.key = row.key;
    bench.accept(other, kKey, {kKey, sim::toy_signer(2).key});
    CHECK(bench.has_floor(sim::toy_signer(row.key).key) == row.has_floor);
  }
}

TEST_CASE("floor watch: an announcer whose clock was set back is heard again once it says so") {
  Bench bench;
  ScriptedAnnouncer set_back = behind(s(3'600));
  REQUIRE(bench.is_asked(set_back));
  const auto answer = bench.answer(set_back);
  CHECK(answer.news == News::set_back);
  CHECK(answer.key == kKey);
  bench.pass(s(1));
  CHECK_FALSE(bench.announce(set_back).keeps_out);
}

TEST_CASE("attack: nobody lowers a floor but the key itself, asked now") {
  Bench bench;
  ScriptedAnnouncer record = behind(s(3'600));
  REQUIRE(bench.is_asked(record));
  ScriptedAnnouncer other_key = record;
  other_key.key = 2;
  CHECK(bench.answer(other_key).news == News::none);
  ScriptedAnnouncer says_unsynchronised = record;
  says_unsynchronised.header.leap = Leap::unsynchronised;
  CHECK(bench.answer(says_unsynchronised).news == News::none);
  REQUIRE(bench.is_asked(record));
  bench.pass(s(60));
  REQUIRE(bench.is_asked(record));  // with another nonce
  CHECK(bench.announce(record).keeps_out);
  seen("another key's answer and an unsynchronised one lower nothing");
}

TEST_CASE("floor watch: an answer to the question before is none") {
  Bench bench;
  ScriptedAnnouncer record = behind(s(3'600));
  REQUIRE(bench.is_asked(record));
  const Datagram before = bench.query;
  bench.pass(s(10));
  REQUIRE(bench.is_asked(record));
  const Datagram now = bench.query;
  bench.query = before;
  CHECK(bench.answer(record).news == News::none);
  // Nor with the number of the question that is out: the nonce is another.
  std::copy_n(now.begin() + kTransmitOffset, 8, bench.query.begin() + kTransmitOffset);
  REQUIRE(bench.query != now);
  CHECK(bench.answer(record).news == News::none);
  CHECK(bench.announce(record).keeps_out);
  bench.query = now;
  CHECK(bench.answer(record).news == News::set_back);
}

TEST_CASE("floor watch: another listener's answer is none") {
  Bench bench;
  Bench other{false, 6};
  ScriptedAnnouncer record = behind(s(3'600));
  ScriptedAnnouncer same = behind(s(3'600));
  REQUIRE(bench.is_asked(record));
  REQUIRE(other.is_asked(same));
  CHECK(other.hear(bench.answer_octets(record), kSelf).news == News::none);
  CHECK(other.announce(same).keeps_out);
}

TEST_CASE("floor watch: an answer that was held back for long is none") {
  for (const Duration later : {s(4), s(6), s(86'400)}) {
    CAPTURE(later.count_ns());
    Bench bench;
    ScriptedAnnouncer record = behind(s(3'600));
    REQUIRE(bench.is_asked(record));
    const Datagram answer = bench.answer_octets(record);
    bench.pass(later);
    CHECK((bench.hear(answer, kSelf).news == News::set_back) == (later <= s(5)));
  }
}

TEST_CASE("floor watch: what is signed badly has nobody asked") {
  Bench bench;
  ScriptedAnnouncer record = behind(s(3'600));
  for (int i = 0; i < 60; ++i, bench.pass(s(1))) {
    ScriptedAnnouncer copy = record;
    Datagram octets = copy.announce({Timestamp<Realtime>{kEpoch}, {}, {}});
    const auto verdict = bench.hear(spoilt(octets));
    CHECK(verdict.keeps_out);
    CHECK_FALSE(verdict.question);
    CHECK(verdict.news == News::none);
  }
}

}  // namespace timecast::test
