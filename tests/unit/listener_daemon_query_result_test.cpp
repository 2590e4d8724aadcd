// SPDX-License-Identifier: MIT
#include "listener/daemon/query_result.hpp"

#include <doctest/doctest.h>

#include <set>

#include "common/host/signing_key.hpp"
#include "tests/simulation/random.hpp"
#include "tests/unit/wire_hex.hpp"

using namespace timecast;

namespace {

constexpr Duration kBase = Duration::seconds(1'793'491'200);

// 1 ns of rounding in each of two stamps.
constexpr Duration kRounding = Duration::nanoseconds(2);

Timestamp<Realtime> ours(std::int64_t us) {
  return Timestamp<Realtime>{kBase + Duration::microseconds(us)};
}
NtpTimestamp theirs(std::int64_t us) {
  return to_ntp(Timestamp<Announced>{kBase + Duration::microseconds(us)});
}

std::vector<std::uint8_t> plain() {
  sim::Random random{1};
  return plain_request(random.entropy());
}

// Sent at 0, there after 100 us, back 30 us later after 140 us; the server is 250 ms ahead.
constexpr std::int64_t kThereUs = 250'100;
constexpr std::int64_t kBackUs = 250'130;
const TimesHere kHere{ours(0), ours(270)};

Header reply_to(Octets request) {
  Header header;
  header.mode = Mode::server;
  header.stratum = 2;
  header.root_delay = NtpShort::at_least(Duration::milliseconds(4));
  header.root_dispersion = NtpShort::at_least(Duration::milliseconds(1));
  header.origin = decode_header(request.first<kHeaderOctets>()).transmit;
  header.receive = theirs(kThereUs);
  header.transmit = theirs(kBackUs);
  return header;
}

Expected<QueryResult, Reject> result_of(Octets request, Octets reply) {
  return read_reply(request, reply, kHere, openssl_verifier());
}

SigningKey some_key() {
  auto key = SigningKey::from_seed(PrivateSeed{1, 2, 3});
  REQUIRE(key);
  return std::move(*key);
}

std::vector<std::uint8_t> signed_reply(Octets request, Octets nonce, const SigningKey& key) {
  const HeaderOctets header = encode(reply_to(request));
  std::vector<std::uint8_t> reply{header.begin(), header.end()};
  reply.resize(kAnnouncementPacketOctets);
  Announcement announcement;
  announcement.key = key.public_key();
  announcement.interval_ms = 1000;
  write_announcement(reply, kHeaderOctets, announcement);
  REQUIRE(sign_packet(reply, kHeaderOctets, nonce, key.signer()));
  return reply;
}

}  // namespace

TEST_CASE(
    "query: offset and round trip are those of RFC 5905, the bound adds what the server says") {
  const auto sent = plain();
  const auto result = result_of(sent, encode(reply_to(sent)));
  REQUIRE(result);
  CHECK(magnitude(result->round_trip - Duration::microseconds(240)) <= kRounding);
  // Half the asymmetry of 40 us remains.
  CHECK(magnitude(result->offset - Duration::microseconds(249'980)) <= kRounding);
  // Spans of the wire count 15.3 us.
  CHECK(magnitude(result->bound - Duration::microseconds(120 + 2000 + 1000)) <=
        Duration::microseconds(31));
  CHECK_FALSE(result->key);
}

TEST_CASE("query: an offset of decades, and one across the era's end, come out right") {
  const auto sent = plain();
  const Timestamp<Realtime> before{Duration::seconds(2'085'978'495)};  // 2036-02-07T06:28:15Z
  Header header = reply_to(sent);
  header.receive = NtpTimestamp{3ULL << 32U};  // three seconds into the next era
  header.transmit = header.receive;
  const auto result = read_reply(sent, encode(header), {before, before}, openssl_verifier());
  REQUIRE(result);
  CHECK(result->offset == Duration::seconds(4));
  CHECK(result->round_trip == Duration{});

  header.receive = theirs(0);
  header.transmit = theirs(0);
  const Timestamp<Realtime> at_1970{};
  const auto decades = read_reply(sent, encode(header), {at_1970, at_1970}, openssl_verifier());
  REQUIRE(decades);
  CHECK(decades->offset == kBase);
}

TEST_CASE("query: a packet that does not answer the request is refused by name") {
  struct Row {
    const char* what;
    Reject reason;
    void (*spoil)(Header&);
  };
  const auto sent = plain();
  for (const Row& row : {
           Row{"another origin", Reject::origin_mismatch,
               [](Header& h) { h.origin = NtpTimestamp{h.origin.bits() ^ 1U}; }},
           Row{"no origin", Reject::origin_mismatch, [](Header& h) { h.origin = {}; }},
           Row{"an announcement", Reject::bad_mode, [](Header& h) { h.mode = Mode::broadcast; }},
           Row{"an echo", Reject::bad_mode, [](Header& h) { h.mode = Mode::client; }},
           Row{"version 0", Reject::bad_version, [](Header& h) { h.version = 0; }},
           Row{"version 5", Reject::bad_version, [](Header& h) { h.version = 5; }},
       }) {
    CAPTURE(row.what);
    Header header = reply_to(sent);
    row.spoil(header);
    const auto result = result_of(sent, encode(header));
    REQUIRE_FALSE(result);
    CHECK(result.error() == row.reason);
  }
  const HeaderOctets good = encode(reply_to(sent));
  for (std::size_t length = 0; length < kHeaderOctets; ++length) {
    CAPTURE(length);
    CHECK(result_of(sent, Octets{good}.first(length)).error() == Reject::too_short);
  }
}

TEST_CASE("query: an old server's answer of an older version is one") {
  const auto sent = plain();
  Header header = reply_to(sent);
  header.version = 3;
  CHECK(result_of(sent, encode(header)));
}

TEST_CASE("query: a request tells nothing of its host, and no two are alike") {
  sim::Random random{7};
  std::set<std::uint64_t> seen;
  for (int i = 0; i < 100; ++i) {
    const auto octets = plain_request(random.entropy());
    REQUIRE(octets.size() == kHeaderOctets);
    CHECK(octets[0] == 0x23);
    CHECK(octets[3] == 0x20);
    CHECK(all_zero(Octets{octets}.subspan(1, 2)));
    CHECK(all_zero(Octets{octets}.subspan(4, 36)));
    seen.insert(read_big_endian<std::uint64_t>(octets, kTransmitOffset));
  }
  CHECK(seen.size() == 100);
  CHECK_FALSE(seen.contains(0));
}

TEST_CASE("query: an answer to a challenge is signed over its nonce, or refused by name") {
  sim::Random random{3};
  const auto request = challenge_request(random.entropy());
  REQUIRE(request.size() == kAnnouncementPacketOctets);
  const auto packet = decode(request);
  REQUIRE(packet);
  const auto asked = find_announcement(*packet);
  REQUIRE(asked);
  CHECK(is_challenge(*asked));
  const Octets nonce = Octets{request}.last(kNonceOctets);
  CHECK_FALSE(all_zero(nonce));

  const SigningKey key = some_key();
  auto reply = signed_reply(request, nonce, key);
  const auto result = result_of(request, reply);
  REQUIRE(result);
  CHECK(result->key == key.public_key());

  const auto another = challenge_request(random.entropy());
  const auto replayed = signed_reply(request, Octets{another}.last(kNonceOctets), key);
  CHECK(result_of(request, replayed).error() == Reject::bad_signature);
  reply[1] ^= 1U;
  CHECK(result_of(request, reply).error() == Reject::bad_signature);
  CHECK(result_of(request, encode(reply_to(request))).error() == Reject::no_announcement);
  reply[kHeaderOctets + 9] = 2;  // another algorithm
  CHECK(result_of(request, reply).error() == Reject::bad_announcement);
}

TEST_CASE("query: what a refusal means is said with what to do") {
  struct Row {
    Reject reason;
    const char* sentence;
  };
  for (const Row& row : {
           Row{Reject::bad_mode,
               "its packet is no server's answer: the mode is another; is that an NTP server's "
               "port?"},
           Row{Reject::bad_version,
               "its packet has no NTP version of 1 to 4; is that an NTP server's port?"},
           Row{Reject::origin_mismatch,
               "its packet does not answer the question: the origin is not what was sent; it came "
               "late, or somebody forges answers"},
           Row{Reject::no_announcement,
               "its answer is not signed; only announcers of timecast sign"},
           Row{Reject::bad_signature,
               "the signature of its answer is wrong; somebody forges answers, or changes them on "
               "their way"},
           Row{Reject::too_short,
               "its packet is no NTP packet (too short); is that an NTP server's port?"},
           Row{Reject::bad_field_length,
               "its packet is no NTP packet (bad field length); is that an NTP server's port?"},
       }) {
    CHECK(why_refused(row.reason) == row.sentence);
  }
}

TEST_CASE("query: an answer without time says why, and what to do") {
  CHECK_FALSE(why_no_time(reply_to(plain())));
  struct Row {
    const char* sentence;
    void (*spoil)(Header&);
  };
  const char* const unsynchronised =
      "it says that its own clock is not synchronised; see to its time source";
  for (const Row& row : {
           Row{unsynchronised, [](Header& h) { h.leap = Leap::unsynchronised; }},
           Row{unsynchronised, [](Header& h) { h.stratum = 0; }},
           Row{unsynchronised, [](Header& h) { h.stratum = 16; }},
           Row{unsynchronised,
               [](Header& h) {
                 h.stratum = 0;
                 h.reference_id = {'I', 'N', 'I', 'T'};
               }},
           Row{"it is asked too often (kiss of death RATE); wait some minutes",
               [](Header& h) {
                 h.stratum = 0;
                 h.reference_id = {'R', 'A', 'T', 'E'};
               }},
           Row{"it does not serve this host (kiss of death DENY); allow it there",
               [](Header& h) {
                 h.stratum = 0;
                 h.reference_id = {'D', 'E', 'N', 'Y'};
               }},
           Row{"it does not want to be asked like this (kiss of death X..); ask another server",
               [](Header& h) {
                 h.stratum = 0;
                 h.reference_id = {'X', 0x1B, 0xFF, 0};
               }},
           Row{"its transmit stamp is zero, and so tells no time",
               [](Header& h) { h.transmit = {}; }},
           Row{"its receive stamp is zero, and so tells no delay",
               [](Header& h) { h.receive = {}; }},
           Row{"its stamps say that the answer left before the question came; see to its clock",
               [](Header& h) { std::swap(h.receive, h.transmit); }},
       }) {
    CAPTURE(row.sentence);
    Header header = reply_to(plain());
    row.spoil(header);
    CHECK(why_no_time(header).value_or("none") == row.sentence);
  }
}
