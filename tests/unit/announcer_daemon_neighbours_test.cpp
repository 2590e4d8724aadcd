// SPDX-License-Identifier: MIT
#include "announcer/daemon/neighbours.hpp"

#include <doctest/doctest.h>

#include <vector>

#include "common/host/socket_address.hpp"
#include "tests/simulation/toy_signer.hpp"

using namespace timecast;

namespace {

constexpr std::int64_t kUnix = 1'793'491'200;

Duration s(std::int64_t n) { return Duration::seconds(n); }
Timestamp<Boot> boot(std::int64_t second) { return Timestamp<Boot>{s(100 + second)}; }
Timestamp<Announced> ours(std::int64_t second) { return Timestamp<Announced>{s(kUnix + second)}; }
Endpoint host(int number) {
  return parse_endpoint("192.0.2." + std::to_string(number), 11'123).value();
}

Voice voice(std::uint8_t key, bool island, Duration root_distance = Duration::milliseconds(1)) {
  return {sim::toy_signer(key).key, true, island, root_distance};
}

struct Speaker {
  std::uint8_t key = 2;
  bool island = false;
  bool synchronised = true;
  Duration ahead;
  bool forged = false;
  std::uint32_t interval_ms = 1'000;

  [[nodiscard]] std::vector<std::uint8_t> packet(std::int64_t second) const {
    Header h;
    h.mode = Mode::broadcast;
    h.leap = synchronised ? Leap::none : Leap::unsynchronised;
    h.stratum = synchronised ? 3 : 0;
    h.transmit = to_ntp(ours(second) + ahead);
    Announcement a;
    a.flags = island ? kFlagIsland : std::uint16_t{0};
    a.key = sim::toy_signer(key).key;
    a.interval_ms = interval_ms;
    a.sequence = static_cast<std::uint64_t>(1'000'000 + second);
    std::vector<std::uint8_t> octets(kAnnouncementPacketOctets);
    copy_octets(encode(h), octets);
    write_announcement(octets, kHeaderOctets, a);
    REQUIRE(sign_packet(octets, kHeaderOctets, {}, sim::toy_signer(key)));
    if (forged) octets[kHeaderOctets + 60] ^= 1U;
    return octets;
  }
};

struct Street {
  Neighbours neighbours{sim::toy_verifier()};
  Voice own = voice(1, false);

  Neighbours::Seen see(Octets octets, std::int64_t second, int from, std::uint8_t hops = 255) {
    return neighbours.hear({octets, host(from), hops, ours(second), boot(second)}, own);
  }
  std::string hear(const Speaker& speaker, std::int64_t second = 0, int from = 2) {
    const auto line = see(speaker.packet(second), second, from).news;
    if (!line) return "";
    return (line->level == Level::warning ? "! " : "") + line->text;
  }
};

}  // namespace

TEST_CASE("neighbours: one that agrees is told once, with what listeners do") {
  Street street;
  CHECK(street.hear({}) ==
        "another announcer is here: 192.0.2.2:11123, stratum 3; listeners stay with the one that "
        "they heard first: of three or more the majority is right");
  for (int second = 1; second < 200; ++second) CHECK(street.hear({}, second).empty());
  REQUIRE(street.neighbours.all().size() == 1);
  CHECK(street.neighbours.all()[0].address == host(2));
}

TEST_CASE("neighbours: one whose clock is another's is a warning") {
  Street street;
  CHECK(street.hear({.ahead = s(2)})
            .find("! another announcer is here: 192.0.2.2:11123, stratum 3, "
                  "2 s ahead of this host; ") == 0);
  CHECK(street.hear({.key = 3, .ahead = -s(5)}, 0, 3).find("5 s behind this host") !=
        std::string::npos);
}

TEST_CASE("neighbours: what changes is told again, but not every second") {
  Street street;
  CHECK_FALSE(street.hear({}).empty());
  CHECK(street.hear({.ahead = s(2)}, 1).empty());
  CHECK(street.hear({.ahead = s(2)}, 60).find("2 s ahead") != std::string::npos);
  CHECK(street.hear({.ahead = s(2)}, 121).empty());
  CHECK(street.hear({.synchronised = false}, 122).find("not synchronised") != std::string::npos);
}

TEST_CASE("neighbours: of two islands the log says which one is followed") {
  const bool ours_is_lower = sim::toy_signer(1).key < sim::toy_signer(2).key;
  Street street;
  street.own = voice(1, true, Duration{});
  CHECK(street.hear({.island = true})
            .find(ours_is_lower ? "both follow this host: of islands"
                                : "both follow that one: of islands") != std::string::npos);
}

TEST_CASE("neighbours: who goes before whom") {
  const Voice vouched = voice(1, false);
  const Voice island = voice(2, true);
  const Voice other = voice(3, false, s(1));
  Voice silent = voice(4, false);
  silent.synchronised = false;
  CHECK(precedence_of(vouched, other) == Precedence::whoever_came_first);
  CHECK(precedence_of(vouched, island) == Precedence::ours);
  CHECK(precedence_of(island, vouched) == Precedence::theirs);
  CHECK(precedence_of(silent, island) == Precedence::theirs);
  CHECK(precedence_of(island, silent) == Precedence::ours);
  const Voice nearer = voice(5, true, Duration::microseconds(1));
  CHECK(precedence_of(nearer, island) == Precedence::ours);
  CHECK(precedence_of(island, nearer) == Precedence::theirs);
}

TEST_CASE("neighbours: a copy of this machine, with its key, is told once for each address") {
  Street street;
  const Speaker copy{.key = 1};
  CHECK(street.hear(copy).find("! 192.0.2.2:11123 announces with this announcer's own key") == 0);
  CHECK(street.hear(copy, 1).empty());
  CHECK(street.neighbours.all().empty());
}

TEST_CASE("neighbours: a record of ours, from whatever addresses, is told once an hour") {
  Street street;
  const Speaker copy{.key = 1};
  int lines = 0;
  for (int second = 0; second < 3'600; ++second) {
    lines += street.hear(copy, second, 2 + second % 200).empty() ? 0 : 1;
  }
  CHECK(lines == 1);
  CHECK_FALSE(street.hear(copy, 3'601).empty());
}

TEST_CASE("neighbours: a copy is noticed however many others there are") {
  Street street;
  for (std::uint8_t key = 2; key < 20; ++key)
    static_cast<void>(street.hear({.key = key}, key, key));
  CHECK(street.hear({.key = 1}, 30).find("own key") != std::string::npos);
}

TEST_CASE("neighbours: intervals that nobody has, hops and records do not count") {
  Street street;
  CHECK(street.hear({.interval_ms = 0}).empty());
  CHECK(street.hear({.interval_ms = 0xFFFF'FFFF}).empty());
  CHECK_FALSE(street.see(Speaker{}.packet(0), 0, 2, 254).interval);
  CHECK(street.neighbours.all().empty());
  const auto record = Speaker{}.packet(0);
  CHECK(street.see(record, 0, 2).interval == s(1));
  CHECK(street.see(Speaker{}.packet(100), 100, 2).interval == s(1));
  CHECK_FALSE(street.see(record, 100, 3).interval);
  CHECK(street.neighbours.all()[0].address == host(2));
}

TEST_CASE("neighbours: who comes and goes fills no log") {
  Street street;
  int lines = 0;
  for (int second = 0; second < 600; ++second) {
    const Speaker visitor{.key = static_cast<std::uint8_t>(2 + second % 200), .interval_ms = 100};
    lines += street.hear(visitor, second).empty() ? 0 : 1;
    lines += static_cast<int>(street.neighbours.forget_silent(boot(second)).size());
  }
  CHECK(lines <= 16 + 10);
}

TEST_CASE("neighbours: forged, foreign and broken packets are nobody's") {
  Street street;
  CHECK(street.hear({.forged = true}).empty());
  const auto heard = [&](Octets octets) {
    const Neighbours::Seen seen = street.see(octets, 0, 2);
    return seen.news.has_value() || seen.interval.has_value();
  };
  CHECK_FALSE(heard({}));
  std::vector<std::uint8_t> packet = Speaker{}.packet(0);
  CHECK_FALSE(heard(Octets{packet}.first(48)));
  packet[0] = static_cast<std::uint8_t>((packet[0] & 0xF8U) | 3U);  // a request
  CHECK_FALSE(heard(packet));
  CHECK(street.neighbours.all().empty());
}

TEST_CASE("neighbours: a flood of forged ones costs twenty signatures a second") {
  struct Counter {
    int checks = 0;
    static bool refuse(const void* context, const PublicKey&, const SignedMessage&,
                       const Signature&) noexcept {
      ++const_cast<Counter*>(static_cast<const Counter*>(context))->checks;
      return false;
    }
  } counter;
  Street street;
  street.neighbours = Neighbours{Verifier{Counter::refuse, &counter}};
  for (int i = 0; i < 10'000; ++i) {
    const Speaker forger{.key = static_cast<std::uint8_t>(i % 200 + 2)};
    const auto packet = forger.packet(0);
    const Timestamp<Boot> at = boot(0) + Duration::microseconds(100) * i;
    CHECK_FALSE(street.neighbours.hear({packet, host(9), {}, ours(0), at}, street.own).interval);
  }
  CHECK(counter.checks <= 20 + 20);
}

TEST_CASE("neighbours: those who fall silent are forgotten, and no more than eight are kept") {
  Street street;
  for (std::uint8_t key = 2; key < 20; ++key) {
    static_cast<void>(street.hear({.key = key}, key, key));
  }
  CHECK(street.neighbours.all().size() == Neighbours::kMost);
  CHECK(street.neighbours.forget_silent(boot(12)).empty());
  CHECK(street.neighbours.forget_silent(boot(200)).size() == Neighbours::kMost);
  CHECK(street.neighbours.all().empty());
}
