// SPDX-License-Identifier: MIT
//
// What an announcer does with symmetric keys: MACs on plain streams and in answers.
#include "common/host/symmetric_keys.hpp"
#include "tests/unit/announcer_bench.hpp"
#include "tests/unit/attack_siege.hpp"
#include "tests/unit/wire_hex.hpp"

namespace timecast::test {
namespace {

constexpr Address kClientAddress = Address::ipv4(192, 0, 2, 9);
constexpr Endpoint kClient{kClientAddress, 40'000, 2};
constexpr Endpoint kAnnouncer{Address::ipv4(192, 0, 2, 1), 123, 2};

const std::string kFile =
    "10 MD5 tulip\n"
    "25 SHA1 HEX:933F62BE1D604E68A81B557F18CFA200483F5B70\n"
    "30 AES128 HEX:2b7e151628aed2a6abf7158809cf4f3c\n"
    "31 AES128 HEX:00000000000000000000000000000031 192.0.2.7\n"
    "32 MD5 crocus legacy\n";

// A keyed announcer, and the same keys in the hands of a client.
struct KeyedBench {
  explicit KeyedBench(RateLimit limit = {}) : bench{config(limit)} {}

  AnnouncerConfig config(RateLimit limit) {
    AnnouncerConfig config;
    config.macs = keys.all();
    config.rate_limit = limit;
    return config;
  }
  Bytes request(std::uint32_t key, std::uint8_t version = 4) {
    Header header;
    header.mode = Mode::client;
    header.version = version;
    header.transmit = NtpTimestamp{0xFEDC'BA98'7654'3210};
    const HeaderOctets octets = encode(header);
    Bytes packet(octets.begin(), octets.end());
    Bytes mac(kMaxMacOctets);
    mac.resize(clients.write(key, packet, mac));
    REQUIRE_FALSE(mac.empty());
    return packet + mac;
  }
  static SymmetricKeys made_of(const std::string& text) {
    auto made = SymmetricKeys::parse(text, "keys");
    REQUIRE(made.has_value());
    return std::move(*made);
  }

  SymmetricKeys keys = made_of(kFile);
  SymmetricKeys clients = made_of(
      "10 MD5 tulip legacy\n25 SHA1 HEX:933F62BE1D604E68A81B557F18CFA200483F5B70\n"
      "30 AES128 HEX:2b7e151628aed2a6abf7158809cf4f3c\n"
      "31 AES128 HEX:00000000000000000000000000000031\n32 MD5 crocus legacy\n"
      "40 AES128 HEX:00000000000000000000000000000040\n");
  AnnouncerBench bench;
};

}  // namespace

TEST_CASE("announcer's keys: a plain stream with a key has its MAC, and one without is 48 octets") {
  for (const std::uint32_t key : {0U, 25U, 30U, 32U}) {
    CAPTURE(key);
    KeyedBench x;
    static_cast<void>(x.bench.core.add_stream(StreamKind::plain, x.bench.now.host.boot, key));
    for (int i = 0; i < 3; ++i) {
      const Sent sent = x.bench.next().value();
      const Octets whole{sent.octets};
      CHECK(sent.header.mode == Mode::broadcast);
      CHECK(whole.size() == (key == 0 ? 48 : key == 25 ? 72 : 68));
      if (key == 0) continue;
      CHECK(x.clients.check(key, whole.first(48), whole.subspan(48), kAnnouncer.address) ==
            kNotRejected);
    }
    CHECK(x.bench.core.status().plain == 3);
  }
}

TEST_CASE("announcer's keys: a stream whose key is not there is silent, and hinders no other") {
  for (const std::uint32_t key : {10U, 99U}) {
    KeyedBench x;
    static_cast<void>(x.bench.core.add_stream(StreamKind::plain, x.bench.now.host.boot, key));
    for (int i = 0; i < 3; ++i) CHECK_FALSE(x.bench.next().has_value());
    CHECK(x.bench.core.status().plain == 0);
    static_cast<void>(x.bench.add(StreamKind::plain));
    int heard = 0;
    for (int i = 0; i < 6; ++i) heard += x.bench.next().has_value() ? 1 : 0;
    CHECK(heard >= 2);
  }
}

TEST_CASE("announcer's keys: who asks with a MAC is answered with one, by the same key") {
  for (const std::uint32_t key : {25U, 30U, 32U}) {
    for (std::uint8_t version = 3; version <= 4; ++version) {
      CAPTURE(key);
      KeyedBench x;
      const Bytes request = x.request(key, version);
      const Sent reply = x.bench.ask(request, kClient, kAnnouncer).value();
      const Octets whole{reply.octets};
      CHECK(whole.size() == request.size());
      CHECK(reply.header.version == version);
      CHECK(x.clients.check(key, whole.first(48), whole.subspan(48), kAnnouncer.address) ==
            kNotRejected);
      CHECK(x.bench.core.status().authenticated_replies == 1);
      CHECK(x.bench.core.status().replies == 1);
    }
  }
}

TEST_CASE(
    "announcer's keys: a MAC that does not hold is refused by its reason, and changes nothing") {
  struct Row {
    std::string_view name;
    Reject reason;
    Bytes octets;
  };
  KeyedBench made;
  Bytes flipped = made.request(30);
  flipped.back() ^= 1;
  Bytes altered = made.request(30);
  altered[40] ^= 1;
  Bytes other_id = made.request(25);
  other_id[51] = 30;
  const Row rows[] = {
      {"a digest with a bit flipped", Reject::bad_mac, flipped},
      {"a request with a bit flipped", Reject::bad_mac, altered},
      {"another key's digest, of another length", Reject::bad_mac, other_id},
      {"a key that we have not", Reject::unknown_mac, made.request(40)},
      {"MD5, which no line allows", Reject::unknown_mac, made.request(10)},
      {"another server's key", Reject::not_allowed, made.request(31)},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    // A limit of one answer: whatever is refused must not use it up.
    KeyedBench x{{true, Duration::seconds(100), 1}};
    static_cast<void>(x.bench.add(StreamKind::precise));
    const auto due = x.bench.core.next_deadline();
    for (int i = 0; i < 100; ++i) CHECK_FALSE(x.bench.ask(row.octets, kClient, kAnnouncer));
    CHECK(x.bench.core.status().rejected[row.reason] == 100);
    CHECK(x.bench.core.status().rejected.total() == 100);
    CHECK(x.bench.core.status().replies == 0);
    CHECK(x.bench.core.next_deadline() == due);
    CHECK(x.bench.ask(x.request(30), kClient, kAnnouncer).has_value());
  }
}

TEST_CASE("announcer's keys: they change without a restart") {
  KeyedBench x;
  const SymmetricKeys others =
      KeyedBench::made_of("40 AES128 HEX:00000000000000000000000000000040");
  AnnouncerConfig config = x.config({});
  config.entropy = x.bench.random.entropy();
  config.signer = sim::toy_signer(7);
  config.macs = others.all();
  CHECK_FALSE(x.bench.ask(x.request(40), kClient, kAnnouncer));
  x.bench.core.change(config, x.bench.now.host.boot);
  CHECK(x.bench.ask(x.request(40), kClient, kAnnouncer).has_value());
  CHECK_FALSE(x.bench.ask(x.request(30), kClient, kAnnouncer));
}

TEST_CASE("attack: CVE-2015-7979 bad MACs keep no client of an announcer from its answers") {
  KeyedBench x;
  int answered = 0;
  for (int i = 0; i < 64; ++i) {
    Bytes forged = x.request(30);
    forged.back() ^= 1;
    for (int j = 0; j < 20; ++j) CHECK_FALSE(x.bench.ask(forged, kClient, kAnnouncer));
    answered += x.bench.ask(x.request(30), kClient, kAnnouncer).has_value() ? 1 : 0;
  }
  CHECK(answered == 64);
  seen("answered: 64 of 64 true requests among 1280 forged ones");
}

}  // namespace timecast::test
