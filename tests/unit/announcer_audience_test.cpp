// SPDX-License-Identifier: MIT
#include "announcer/core/audience.hpp"

#include "tests/unit/announcer_bench.hpp"

namespace timecast::test {
namespace {

Duration ms(std::int64_t n) { return Duration::milliseconds(n); }
Duration s(std::int64_t n) { return Duration::seconds(n); }

// An audience that has been looked at for long enough to know that nobody has asked yet.
struct Hall {
  sim::Random random{1};
  Audience audience;
  Timestamp<Boot> now{Duration::seconds(5'000)};

  Hall() {
    for (int look = 0; look < 5; ++look) static_cast<void>(after(s(1)));
  }
  Duration after(Duration span) {
    now = now + span;
    return audience.query_spread(now);
  }
  void come(int hosts) {
    for (int i = 0; i < hosts; ++i) audience.note(random.word(), now);
  }
};

constexpr Endpoint kAsker{Address::ipv4(192, 0, 2, 9), 40'000, 2};
constexpr Endpoint kSelf{Address::ipv4(192, 0, 2, 1), 11'123, 2};

// Asks by a basic request, and by one that names `receive` as the stamp of a reply that came.
Sent ask(AnnouncerBench& bench, const Endpoint& from, NtpTimestamp receive) {
  Header header;
  header.mode = Mode::client;
  header.origin = receive;
  header.receive = NtpTimestamp{0x1111};
  header.transmit = NtpTimestamp{0x2222};
  const HeaderOctets octets = encode(header);
  return bench.ask({octets.begin(), octets.end()}, from, kSelf).value();
}

}  // namespace

TEST_CASE("audience: the first announcement asks for a wide spread, later ones for less") {
  Audience audience;
  const Timestamp<Boot> start{Duration::seconds(7)};
  CHECK(audience.query_spread(start) == s(30));
  CHECK(audience.query_spread(start + ms(20)) == s(30));  // by another interface
  // Nobody has asked.
  CHECK(audience.query_spread(start + s(1)) == ms(7'500));
  CHECK(audience.query_spread(start + s(2)) == ms(1'875));
  CHECK(audience.query_spread(start + s(3)) == s(1));
}

TEST_CASE("audience: of those that ask at first it knows how many are to come") {
  for (const int hosts : {90, 500, 10'000}) {
    CAPTURE(hosts);
    Audience audience;
    sim::Random random{3};
    const Timestamp<Boot> start{Duration::seconds(7)};
    static_cast<void>(audience.query_spread(start));
    // A thirtieth of them within the first of thirty seconds.
    for (int i = 0; i < (hosts + 15) / 30; ++i) audience.note(random.word(), start + ms(500));
    const double expected_s = std::min(hosts * 0.120, 80.0);
    CHECK(audience.query_spread(start + s(1)).to_seconds() ==
          doctest::Approx(expected_s).epsilon(0.4));
  }
}

TEST_CASE("audience: hosts are counted to a tenth, each once") {
  for (const int hosts : {1, 10, 100, 1'000, 10'000, 20'000}) {
    CAPTURE(hosts);
    Hall hall;
    const sim::Random begin = hall.random;
    for (int round = 0; round < 3; ++round) {
      hall.random = begin;
      hall.come(hosts);
    }
    CHECK(hall.audience.count() == doctest::Approx(hosts).epsilon(0.1));
  }
}

TEST_CASE("audience: more than it can count are very many") {
  Hall hall;
  hall.come(1'000'000);
  CHECK(hall.audience.count() > 50'000);
  CHECK(hall.after(s(1)) == s(80));
}

TEST_CASE("audience: the spread is 120 ms a host, but a second at least and 80 at most") {
  struct Row {
    int hosts;
    double spread_s;
  };
  for (const Row& row : {Row{0, 1}, {1, 1}, {8, 1}, {30, 3.6}, {500, 60}, {1'000, 80}}) {
    CAPTURE(row.hosts);
    Hall hall;
    hall.come(row.hosts);
    for (int look = 0; look < 5; ++look) static_cast<void>(hall.after(s(1)));
    CHECK(hall.after(s(1)).to_seconds() == doctest::Approx(row.spread_s).epsilon(0.05));
  }
}

TEST_CASE("audience: hosts are forgotten after half a day to a day") {
  Hall hall;
  hall.come(400);
  hall.now = hall.now + s(43'201);
  hall.come(1);
  CHECK(hall.audience.count() == doctest::Approx(400).epsilon(0.1));
  CHECK(hall.after(s(1)).to_seconds() == doctest::Approx(48).epsilon(0.1));
  hall.now = hall.now + s(43'201);
  hall.come(1);
  CHECK(hall.audience.count() == 1);
  for (int look = 0; look < 5; ++look) static_cast<void>(hall.after(s(1)));
  CHECK(hall.after(s(1)) == s(1));
}

TEST_CASE("audience: hosts are forgotten where nobody asks any more, too") {
  Hall hall;
  hall.come(400);
  for (int day = 0; day < 2; ++day) static_cast<void>(hall.after(s(43'201)));
  CHECK(hall.audience.count() == 0);
}

TEST_CASE("audience: a host counts once it has shown that a reply reached it") {
  AnnouncerBench bench;
  static_cast<void>(bench.add(StreamKind::precise));
  // Anybody can write any address as his own, and any stamp that he likes.
  for (std::uint8_t host = 2; host < 40; ++host) {
    const Endpoint forged{Address::ipv4(192, 0, 2, host), 40'000, 2};
    static_cast<void>(ask(bench, forged, NtpTimestamp{0x1234'5678'9ABC'DEF1}));
  }
  CHECK(bench.core.status().askers == 0);
  bench.pass(s(1));  // a departure may be asked for again
  const Sent reply = ask(bench, kAsker, {});
  // Also where the kernel gives no transmit stamps.
  bench.pass(ms(1));
  const Endpoint another{Address::ipv4(192, 0, 2, 77), 40'000, 2};
  static_cast<void>(ask(bench, another, reply.header.receive));  // which was another's
  static_cast<void>(bench.next());
  CHECK(bench.core.status().askers == 0);
  static_cast<void>(ask(bench, kAsker, reply.header.receive));
  static_cast<void>(bench.next());
  CHECK(bench.core.status().askers == 1);
}

TEST_CASE("audience: a spread that was configured is announced whoever asks") {
  AnnouncerConfig config;
  config.query_spread = s(7);
  AnnouncerBench bench{config};
  static_cast<void>(bench.add(StreamKind::precise));
  for (int i = 0; i < 3; ++i) CHECK(bench.next()->announcement->query_spread == 70);
}

TEST_CASE("audience: announcements carry the spread of the moment") {
  AnnouncerBench bench;
  static_cast<void>(bench.add(StreamKind::precise));
  CHECK(bench.next()->announcement->query_spread == 300);
  CHECK(bench.next()->announcement->query_spread == 75);
  CHECK(bench.core.status().query_spread == ms(7'500));
}

}  // namespace timecast::test
