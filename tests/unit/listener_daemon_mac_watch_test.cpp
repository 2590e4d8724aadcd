// SPDX-License-Identifier: MIT
#include "listener/daemon/mac_watch.hpp"

#include "tests/unit/attack_siege.hpp"
#include "tests/unit/listener_foreign.hpp"

namespace timecast::test {
namespace {

Duration s(std::int64_t n) { return Duration::seconds(n); }

const std::string kFile =
    "1 AES128 HEX:00000000000000000000000000000001 192.0.2.0/24\n"
    "2 AES128 HEX:00000000000000000000000000000002\n";

SymmetricKeys keys_of_file() {
  auto keys = SymmetricKeys::parse(kFile, "keys");
  REQUIRE(keys.has_value());
  return std::move(*keys);
}

constexpr Address kServer = Address::ipv4(192, 0, 2, 9);

// A listener that demands key 1, its senders, and who is in their way.
class Bench {
 public:
  explicit Bench(ReplayFloors kept = {}) : floors{std::move(kept)} {
    watch.set_keys(keys_of_file());
    ListenerConfig config;
    config.pivot = Timestamp<Announced>{kEpoch - s(30 * 86'400)};
    watch.restart(config);
  }

  void pass(Duration span) { now = shifted(now, span); }
  Datagram announcement(std::uint32_t key = 1, Duration ahead = {}) {
    ScriptedAnnouncer sender = sender_of(9);
    sender.ahead = ahead;
    return with_mac(plain(sender, now), key);
  }
  Datagram with_mac(Datagram octets, std::uint32_t key) {
    octets.resize(kHeaderOctets + kMaxMacOctets);
    const MutableOctets whole{octets};
    const std::size_t mac = watch.write(key, whole.first(kHeaderOctets), whole.subspan(48));
    octets.resize(kHeaderOctets + mac);
    return octets;
  }
  [[nodiscard]] Arrival arrival(const Address& from = kServer, const Address& to = kPlainGroup,
                                std::uint16_t port = 123) const {
    Arrival arrival{now, {}, {from, port, 2}, to, std::uint8_t{1}, true, false};
    return arrival;
  }
  // As the engine does it when the core takes everything.
  Reject hear(const Datagram& octets, const Address& from = kServer,
              const Address& to = kPlainGroup) {
    const Reject reason = watch.look(octets, arrival(from, to), 1);
    if (reason == kNotRejected) watch.admitted(octets, arrival(from, to), 1);
    return reason;
  }
  Reject reply(const Datagram& octets, const AskedBy& asked, std::uint16_t port = 123) {
    const Reject reason = watch.look_at_reply(octets, arrival(kServer, kSelf, port), asked);
    if (reason == kNotRejected) watch.answered(octets, arrival(kServer, kSelf, port), asked);
    return reason;
  }
  Datagram answer(const AskedBy& asked, std::uint32_t key, Duration ahead = {}) {
    ScriptedAnnouncer sender = sender_of(9);
    sender.ahead = ahead;
    Header request = minimal_request(asked.transmit);
    const HeaderOctets octets = encode(request);
    Datagram reply = sender.reply({octets.begin(), octets.end()}, now);
    reply.resize(kHeaderOctets);
    return key == 0 ? reply : with_mac(reply, key);
  }

  ReplayFloors floors;
  MacWatch watch{floors};
  Moment now{Timestamp<Realtime>{kEpoch}, Timestamp<Raw>{s(3'000)}, Timestamp<Boot>{s(5'000)}};
};

const AskedBy kAsked{1, NtpTimestamp{0x1234'5678'9ABC'DEF1}, {}, false};

}  // namespace

TEST_CASE(
    "mac watch: what has the MAC that is wanted goes to the core, where none is wanted all does") {
  Bench bench;
  CHECK(bench.hear(bench.announcement()) == kNotRejected);
  const Datagram none = cut(bench.announcement(), 48);
  CHECK(bench.watch.look(none, bench.arrival(), 0) == kNotRejected);
  CHECK(bench.watch.look(Datagram(47), bench.arrival(), 1) == kNotRejected);  // the core says why
  ScriptedAnnouncer signs;
  CHECK(bench.watch.look(signs.announce(bench.now), bench.arrival(), 1) == kNotRejected);
}

TEST_CASE("mac watch: what has not the MAC that is wanted has a reason") {
  Bench bench;
  CHECK(bench.hear(cut(bench.announcement(), 48)) == Reject::missing_mac);
  CHECK(bench.hear(cut(cut(bench.announcement(), 48), 52)) == Reject::unknown_mac);
  CHECK(bench.hear(bench.announcement(2)) == Reject::unknown_mac);
  CHECK(bench.hear(spoilt(bench.announcement(), 60)) == Reject::bad_mac);
  CHECK(bench.hear(bench.announcement(), Address::ipv4(198, 51, 100, 9)) == Reject::not_allowed);
  CHECK(bench.floors.all().empty());
  CHECK(bench.watch.key_of({kServer, 123, 2}) == 0);
}

TEST_CASE("mac watch: a sender is asked with the key by which it was heard") {
  Bench bench;
  CHECK(bench.hear(bench.announcement()) == kNotRejected);
  CHECK(bench.watch.key_of({kServer, 123, 2}) == 1);
  CHECK(bench.watch.key_of({kServer, 124, 2}) == 0);
  CHECK(bench.watch.key_of({kServer, 123, 3}) == 0);
  bench.watch.restart({});
  CHECK(bench.watch.key_of({kServer, 123, 2}) == 0);
}

TEST_CASE("mac watch: with another secret under its number a key is another, and begins anew") {
  Bench bench;
  CHECK(bench.hear(bench.announcement()) == kNotRejected);
  bench.floors.admit({sim::toy_signer(1).key, 0, 2, Timestamp<Announced>{kEpoch}}, bench.now.boot);
  // Other servers are no other secret.
  const auto read = [](const std::string& text) {
    auto keys = SymmetricKeys::parse(text, "keys");
    REQUIRE(keys.has_value());
    return std::move(*keys);
  };
  const auto same = bench.watch.set_keys(read("1 AES128 HEX:00000000000000000000000000000001\n"));
  CHECK(same.differ);
  CHECK(same.secrets.empty());
  CHECK(bench.watch.key_of({kServer, 123, 2}) == 1);
  CHECK(bench.floors.all().size() == 2);
  const auto other = bench.watch.set_keys(read("1 AES128 HEX:00000000000000000000000000000009\n"));
  CHECK(other.differ);
  CHECK(other.secrets == std::vector<std::uint32_t>{1});
  CHECK(bench.watch.key_of({kServer, 123, 2}) == 0);
  CHECK(bench.floors.all().size() == 1);
  CHECK(bench.hear(bench.announcement(1, -s(3'600))) == kNotRejected);
}

TEST_CASE("mac watch: an answer must have the MAC of its question") {
  Bench bench;
  CHECK(bench.hear(bench.announcement()) == kNotRejected);
  CHECK(bench.reply(bench.answer(kAsked, 1), kAsked) == kNotRejected);
  CHECK(bench.reply(bench.answer(kAsked, 0), kAsked) == Reject::missing_mac);
  CHECK(bench.reply(spoilt(bench.answer(kAsked, 1), 60), kAsked) == Reject::bad_mac);
  CHECK(bench.reply(cut(bench.answer(kAsked, 0), 52), kAsked) == Reject::unknown_mac);
  // To an older question, from before the sender was heard by its key.
  const AskedBy unkeyed{0, kAsked.transmit, {}, false};
  CHECK(bench.reply(bench.answer(kAsked, 0), unkeyed) == Reject::missing_mac);
  // A challenge's answer is signed instead.
  const AskedBy challenge{0, kAsked.transmit, {}, true};
  CHECK(bench.reply(bench.answer(kAsked, 0), challenge) == kNotRejected);
  // Whoever sees both questions answers the one in the name of the other.
  const AskedBy other{0, NtpTimestamp{77}, {}, true};
  CHECK(bench.reply(bench.answer(kAsked, 0), other) == Reject::origin_mismatch);
  // Of who was heard by no key nothing is wanted.
  CHECK(bench.reply(bench.answer(kAsked, 0), unkeyed, 124) == kNotRejected);
}

TEST_CASE(
    "mac watch: an answer tells that the sender's clock was set back, and it is heard again") {
  Bench bench;
  CHECK(bench.hear(bench.announcement()) == kNotRejected);
  bench.pass(s(9));
  CHECK(bench.hear(bench.announcement(1, -s(3'600))) == Reject::replayed);
  CHECK(bench.reply(bench.answer(kAsked, 1, -s(3'600)), kAsked) == kNotRejected);
  bench.pass(s(9));
  CHECK(bench.hear(bench.announcement(1, -s(3'600))) == kNotRejected);
  // Now that time counts, and the one before it does not.
  const Datagram last = bench.announcement(1, -s(3'600));
  bench.pass(s(9));
  CHECK(bench.hear(bench.announcement(1, -s(3'600))) == kNotRejected);
  CHECK(bench.hear(last) == Reject::replayed);
}

TEST_CASE("mac watch: an answer in the usual course lowers nothing") {
  Bench bench;
  const Datagram first = bench.announcement();
  CHECK(bench.hear(first) == kNotRejected);
  bench.pass(s(1));
  CHECK(bench.reply(bench.answer(kAsked, 1), kAsked) == kNotRejected);
  CHECK(bench.hear(first) == Reject::replayed);
  const auto floor = bench.floors.all().front().at;
  CHECK(bench.reply(bench.answer(kAsked, 1, -s(5)), kAsked) == kNotRejected);
  CHECK(bench.floors.all().front().at == floor);
}

TEST_CASE("mac watch: two servers share a key, and two groups a server") {
  Bench bench;
  constexpr Address kSecond = Address::ipv4(192, 0, 2, 10);
  for (int i = 0; i < 10; ++i) {
    CHECK(bench.hear(bench.announcement()) == kNotRejected);
    bench.pass(s(1));
    // A millisecond behind the first.
    CHECK(bench.hear(bench.announcement(1, -Duration::milliseconds(1)), kSecond) == kNotRejected);
    CHECK(bench.hear(bench.announcement(), kServer, kSubnetBroadcast) == kNotRejected);
    bench.pass(s(8));
  }
}

TEST_CASE("mac watch: a key has so many senders and no more") {
  Bench bench;
  for (std::size_t i = 0; i <= MacWatch::kMostSenders; ++i) {
    const Address from = Address::ipv4(192, 0, 2, static_cast<std::uint8_t>(i % 250));
    const Address to = Address::ipv4(239, 0, 0, static_cast<std::uint8_t>(i / 250));
    bench.pass(Duration::milliseconds(1));
    CHECK(bench.hear(bench.announcement(), from, to) ==
          (i < MacWatch::kMostSenders ? kNotRejected : Reject::table_full));
  }
}

TEST_CASE("attack: CVE-2015-7973 a record by a symmetric key, also from another address") {
  Bench bench;
  std::vector<Datagram> record;
  for (int i = 0; i < 100; ++i, bench.pass(s(9))) {
    record.push_back(bench.announcement());
    CHECK(bench.hear(record.back()) == kNotRejected);
  }
  int refused = 0;
  for (const Datagram& each : record) {
    bench.pass(s(9));
    refused += bench.hear(each) == Reject::replayed ? 1 : 0;
    refused += bench.hear(each, Address::ipv4(192, 0, 2, 66)) == Reject::replayed ? 1 : 0;
    refused += bench.hear(each, kServer, kSubnetBroadcast) == Reject::replayed ? 1 : 0;
  }
  CHECK(refused == 300);
  // And to the listener that was started anew.
  Bench restarted{bench.floors};
  restarted.now = bench.now;
  for (const Datagram& each : record) refused += restarted.hear(each) == Reject::replayed ? 1 : 0;
  CHECK(refused == 400);
  CHECK(restarted.hear(restarted.announcement()) == kNotRejected);
  seen("refused: replayed 400 of 400; the next true one is heard");
}

TEST_CASE("attack: CVE-2016-1567 an answer by another key than the question's") {
  Bench bench;
  CHECK(bench.hear(bench.announcement()) == kNotRejected);
  CHECK(bench.reply(bench.answer(kAsked, 2), kAsked) == Reject::unknown_mac);
  Datagram renamed = bench.answer(kAsked, 2);
  renamed[51] = 1;
  CHECK(bench.reply(renamed, kAsked) == Reject::bad_mac);
  CHECK(bench.reply(bench.answer(kAsked, 1), kAsked) == kNotRejected);
  seen("refused: unknown_mac, bad_mac; the true answer counts");
}

TEST_CASE("attack: CVE-2016-7427 a forged time far ahead shuts out no true one by its key") {
  Bench bench;
  CHECK(bench.hear(bench.announcement()) == kNotRejected);
  for (const Duration ahead : {s(3'600), s(-3'600), s(68LL * 366 * 86'400)}) {
    CHECK(bench.hear(spoilt(bench.announcement(1, ahead), 60)) == Reject::bad_mac);
    CHECK(bench.hear(cut(bench.announcement(1, ahead), 48)) == Reject::missing_mac);
    bench.pass(s(9));
    CHECK(bench.hear(bench.announcement()) == kNotRejected);
  }
  seen("refused: bad_mac 3, missing_mac 3; each true one is heard");
}

// CVE-2016-4953, CVE-2016-1547, CVE-2016-4955, CVE-2015-1798.
TEST_CASE("attack: CVE-2016-4955 a NAK, a wrong MAC and none before a keyed server's true answer") {
  ListenerBench bench{config_with(SignatureMode::off)};
  ScriptedAnnouncer sender = sender_of(9);
  hear(bench, sender);
  for (int i = 0; i < 20 && bench.status().queries == 0; ++i) {
    bench.pass(Duration::milliseconds(100));
    static_cast<void>(bench.deadline());
  }
  REQUIRE(bench.status().queries == 1);
  bench.pass(sender.delay * 2);
  Arrival arrival = bench.arrival(sender.from, kSelf);
  Datagram answer = sender.reply(bench.query, bench.now);
  answer.resize(kHeaderOctets);
  const std::string before = described(bench.status());
  for (const Reject reason : {Reject::missing_mac, Reject::unknown_mac, Reject::bad_mac,
                              Reject::not_allowed, Reject::origin_mismatch}) {
    arrival.mac = reason;
    bench.hear(answer, arrival);
    CHECK(bench.status().rejected[reason] == 1);
    CHECK(bench.status().exchanges == 0);
    CHECK(described(bench.status()) == before);
  }
  arrival.mac = kNotRejected;
  bench.hear(answer, arrival);
  CHECK(bench.status().exchanges == 1);
  seen("refused: " + refusals_in_words(bench.status().rejected) + "; the true answer counts");
}

}  // namespace timecast::test
