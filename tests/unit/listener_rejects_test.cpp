// SPDX-License-Identifier: MIT
//
// Whatever a listener refuses changes one counter and nothing else: bit for bit where nothing may
// be remembered (CVE-2015-7979, CVE-2016-7427, CVE-2016-7428, CVE-2016-4955).
#include <set>

#include "tests/unit/attack_siege.hpp"
#include "tests/unit/listener_scene.hpp"

namespace timecast::test {
namespace {

Duration ms(std::int64_t n) { return Duration::milliseconds(n); }
Duration s(std::int64_t n) { return Duration::seconds(n); }

struct Row {
  std::string_view name;
  Reject reason;
  std::function<Incoming(Scene&)> make;
  bool leaves_a_trace = false;  // inside: a timeline that may come, a sign of life
};

std::vector<Row> structure_rows() {
  return {
      {"nothing", Reject::too_short, [](Scene& x) { return resized(x.announcement(), 0); }},
      {"47 octets", Reject::too_short, [](Scene& x) { return resized(x.announcement(), 47); }},
      {"longer than any", Reject::too_long,
       [](Scene& x) { return resized(x.announcement(), 1'284); }},
      {"an octet more", Reject::length_not_multiple_of_four,
       [](Scene& x) { return resized(x.announcement(), 173); }},
      {"version 5", Reject::bad_version, [](Scene& x) { return changed(x.announcement(), 0, 8); }},
      {"version 0", Reject::bad_version,
       [](Scene& x) { return changed(x.announcement(), 0, 0x20); }},
      {"version 3 of an announcement", Reject::bad_version,
       [](Scene& x) { return resized(changed(x.announcement(), 0, 0x38), 48); }},
      {"a field cut short", Reject::bad_field_length,
       [](Scene& x) { return resized(x.announcement(), 168); }},
      {"a rest of eight", Reject::bad_mac_length,
       [](Scene& x) { return resized(x.announcement(), 180); }},
  };
}

std::vector<Row> path_rows() {
  const auto from = [](const Address& address) {
    return [address](Scene& x) {
      return by_way_of(x.announcement(), [&](Arrival& a) { a.from.address = address; });
    };
  };
  const auto with_mode = [](unsigned mode) {
    return [mode](Scene& x) {
      return changed(x.announcement(), 0, static_cast<std::uint8_t>(5U ^ mode));
    };
  };
  return {
      {"mode 0", Reject::bad_mode, with_mode(0)},
      {"mode 1", Reject::bad_mode, with_mode(1)},
      {"mode 2", Reject::bad_mode, with_mode(2)},
      {"mode 3", Reject::bad_mode, with_mode(3)},
      {"mode 6", Reject::bad_mode, with_mode(6)},
      {"mode 7", Reject::bad_mode, with_mode(7)},
      {"an announcement to this host alone", Reject::bad_destination,
       [](Scene& x) { return by_way_of(x.announcement(), [](Arrival& a) { a.to = kSelf; }); }},
      {"from a group", Reject::bad_source, from(kGroup)},
      {"from everybody", Reject::bad_source, from(Address::ipv4(255, 255, 255, 255))},
      {"from nobody", Reject::bad_source, from(Address::ipv4(0, 0, 0, 0))},
      {"from port 0", Reject::bad_source,
       [](Scene& x) { return by_way_of(x.announcement(), [](Arrival& a) { a.from.port = 0; }); }},
      {"through a router", Reject::bad_hop_limit,
       [](Scene& x) { return by_way_of(x.announcement(), [](Arrival& a) { a.hop_limit = 254; }); }},
      {"a reply to the group", Reject::bad_destination,
       [](Scene& x) { return by_way_of(x.reply(), [](Arrival& a) { a.to = kGroup; }); }},
  };
}

std::vector<Row> trust_rows() {
  return {
      {"plain NTP", Reject::no_announcement,
       [](Scene& x) { return resized(x.announcement(), 48); }},
      {"somebody else's field", Reject::no_announcement,
       [](Scene& x) { return changed(x.announcement(), 52, 1); }},
      {"another version of the field", Reject::bad_announcement,
       [](Scene& x) { return changed(x.announcement(), 56, 2); }},
      {"a MAC behind it", Reject::bad_announcement,
       [](Scene& x) { return resized(x.announcement(), 192); }},
      {"an interval of an hour", Reject::bad_announcement,
       [](Scene& x) {
         return x.announcement(
             [](ScriptedAnnouncer& a) { a.announcement.interval_ms = 3'600'000; });
       }},
      {"an interval of nothing", Reject::bad_announcement,
       [](Scene& x) {
         return x.announcement([](ScriptedAnnouncer& a) { a.announcement.interval_ms = 0; });
       }},
      {"a bit of the header", Reject::bad_signature,
       [](Scene& x) { return changed(x.announcement(), 44, 1); }},
      {"a bit of the sequence", Reject::bad_signature,
       [](Scene& x) { return changed(x.announcement(), 101, 1); }},
      {"a bit of the signature", Reject::bad_signature,
       [](Scene& x) { return changed(x.announcement(), 110, 1); }},
      {"signed as a reply is", Reject::bad_signature,
       [](Scene& x) {
         ScriptedAnnouncer copy = x.announcer;
         static_cast<void>(copy.announce(x.bench.now));
         return Incoming{
             signed_packet(copy.header, copy.announcement, 1, Octets{x.query}.last(kNonceOctets)),
             x.bench.arrival(x.announcer.from)};
       }},
      {"the last one again", Reject::duplicate,
       [](Scene& x) {
         return x.announcement([](ScriptedAnnouncer& a) { --a.announcement.sequence; });
       }},
      {"an old one", Reject::replayed,
       [](Scene& x) {
         return Incoming{x.recorded, x.bench.arrival(x.announcer.from)};
       }},
      {"an old one from elsewhere", Reject::replayed,
       [](Scene& x) {
         return Incoming{x.recorded, x.bench.arrival(kElsewhere)};
       }},
  };
}

std::vector<Row> clock_rows() {
  return {
      {"no transmit time", Reject::zero_transmit,
       [](Scene& x) { return x.with_header([](Header& h) { h.transmit = {}; }); }},
      {"leap 3", Reject::unsynchronised,
       [](Scene& x) { return x.with_header([](Header& h) { h.leap = Leap::unsynchronised; }); },
       true},
      {"stratum 0", Reject::bad_stratum,
       [](Scene& x) { return x.with_header([](Header& h) { h.stratum = 0; }); }},
      {"stratum 16", Reject::bad_stratum,
       [](Scene& x) { return x.with_header([](Header& h) { h.stratum = 16; }); }},
      {"a second from the truth", Reject::root_distance_too_large,
       [](Scene& x) {
         return x.with_header([](Header& h) { h.root_dispersion = NtpShort{0x1'0001}; });
       }},
      {"a delay of two seconds", Reject::root_distance_too_large,
       [](Scene& x) {
         return x.with_header([](Header& h) { h.root_delay = NtpShort{0x2'0000}; });
       }},
      {"set in the future", Reject::bad_reference_time,
       [](Scene& x) {
         return x.with_header(
             [](Header& h) { h.reference = NtpTimestamp{h.transmit.bits() + 1'000'000}; });
       }},
      {"set two days ago", Reject::bad_reference_time,
       [](Scene& x) {
         return x.with_header([](Header& h) {
           h.reference = NtpTimestamp{h.transmit.bits() - (std::uint64_t{172'800} << 32U)};
         });
       }},
      {"never set", Reject::bad_reference_time,
       [](Scene& x) { return x.with_header([](Header& h) { h.reference = {}; }); }},
      {"sixty years ahead", Reject::implausible_time,
       [](Scene& x) {
         return x.announcement([](ScriptedAnnouncer& a) { a.ahead = s(60LL * 365 * 86'400); });
       }},
      {"a day ahead", Reject::timeline_break,
       [](Scene& x) { return x.announcement([](ScriptedAnnouncer& a) { a.ahead = s(86'400); }); },
       true},
      {"half a second behind", Reject::timeline_break,
       [](Scene& x) { return x.announcement([](ScriptedAnnouncer& a) { a.ahead = -ms(500); }); },
       true},
  };
}

// Where foreign senders are heard too.
std::vector<Row> plain_rows() {
  const auto plain = [](Scene& x, std::size_t octets) {
    return by_way_of(resized(x.announcement(), octets), [](Arrival& a) { a.may_be_plain = true; });
  };
  return {
      {"a crypto-NAK (CVE-2016-1547)", Reject::unknown_mac,
       [plain](Scene& x) { return resized(plain(x, 48), 52); }},
      {"plain NTP of version 2", Reject::bad_version,
       [plain](Scene& x) { return changed(plain(x, 48), 0, 0x30); }},
      {"plain NTP of whom this host is the source", Reject::timing_loop,
       [plain](Scene& x) {
         return by_way_of(plain(x, 48), [](Arrival& a) { a.follows_us = true; });
       }},
      {"a replayed packet without its signature", Reject::bad_field_length,
       [plain](Scene& x) { return plain(x, 108); }},
  };
}

std::vector<Row> reply_rows() {
  return {
      {"from an address that was not asked", Reject::unsolicited,
       [](Scene& x) { return by_way_of(x.reply(), [](Arrival& a) { a.from = kElsewhere; }); }},
      {"from another port", Reject::unsolicited,
       [](Scene& x) { return by_way_of(x.reply(), [](Arrival& a) { a.from.port = 123; }); }},
      {"by another interface (CVE-2016-7429)", Reject::unsolicited,
       [](Scene& x) { return by_way_of(x.reply(), [](Arrival& a) { a.from.interface = 3; }); }},
      {"another origin", Reject::origin_mismatch,
       [](Scene& x) { return changed(x.reply(), 31, 1); }},
      {"origin zero (CVE-2015-8138)", Reject::origin_mismatch,
       [](Scene& x) { return x.reply_with_header([](Header& h) { h.origin = {}; }); }},
      {"not signed", Reject::no_announcement, [](Scene& x) { return resized(x.reply(), 48); }},
      {"signed, the field spoilt", Reject::bad_announcement,
       [](Scene& x) { return changed(x.reply(), 57, 2); }},
      {"another trusted key's (CVE-2015-7974)", Reject::unknown_key,
       [](Scene& x) { return x.reply([](ScriptedAnnouncer& a) { a.key = 2; }); }},
      {"a bit of the header", Reject::bad_signature,
       [](Scene& x) { return changed(x.reply(), 40, 1); }},
      {"signed without the nonce", Reject::bad_signature,
       [](Scene& x) {
         ScriptedAnnouncer copy = x.announcer;
         static_cast<void>(copy.reply(x.query, x.bench.now));
         return Incoming{signed_packet(copy.header, copy.announcement, 1),
                         x.bench.arrival(x.announcer.from, kSelf)};
       }},
      {"a kiss of death", Reject::kiss_of_death,
       [](Scene& x) {
         return x.reply_with_header([](Header& h) {
           h.leap = Leap::unsynchronised;
           h.stratum = 0;
           h.reference_id = {'D', 'E', 'N', 'Y'};
         });
       }},
      {"a crypto-NAK (CVE-2016-4953)", Reject::no_announcement,
       [](Scene& x) { return resized(resized(x.reply(), 48), 52); }},
      {"an unsynchronised server's", Reject::unsynchronised,
       [](Scene& x) {
         return x.reply_with_header([](Header& h) {
           h.leap = Leap::unsynchronised;
           h.stratum = 0;
         });
       }},
      {"stratum 17", Reject::bad_stratum,
       [](Scene& x) { return x.reply_with_header([](Header& h) { h.stratum = 17; }); }},
      {"without its receive time", Reject::zero_transmit,
       [](Scene& x) { return x.reply_with_header([](Header& h) { h.receive = {}; }); }},
      {"without its transmit time", Reject::zero_transmit,
       [](Scene& x) { return x.reply_with_header([](Header& h) { h.transmit = {}; }); }},
      {"before its request", Reject::implausible_exchange,
       [](Scene& x) {
         return x.reply_with_header([](Header& h) {
           h.transmit = NtpTimestamp{h.transmit.bits() - 4'000'000};  // 0.9 ms
         });
       }},
      {"sooner than light", Reject::implausible_exchange,
       [](Scene& x) {
         return x.reply_with_header(
             [](Header& h) { h.transmit = NtpTimestamp{h.transmit.bits() + 25'000'000}; });  // 6 ms
       }},
  };
}

std::vector<Row> all_rows() {
  std::vector<Row> rows;
  for (const auto& part :
       {structure_rows(), path_rows(), trust_rows(), clock_rows(), plain_rows(), reply_rows()}) {
    rows.insert(rows.end(), part.begin(), part.end());
  }
  return rows;
}

}  // namespace

TEST_CASE("rejects: what is refused is counted by its reason, and nothing else changes") {
  for (const Row& row : all_rows()) {
    CAPTURE(row.name);
    Scene scene;
    REQUIRE(scene.bench.status().state == State::synchronised);
    const Incoming in = row.make(scene);
    const ListenerStatus before = scene.bench.status();
    const auto due = scene.bench.core.next_deadline();
    const Bits bits = bits_of(scene.bench.core);

    scene.bench.hear(in.octets, in.arrival);

    const ListenerStatus after = scene.bench.status();
    CHECK(after.rejected[row.reason] == before.rejected[row.reason] + 1);
    CHECK(after.rejected.total() == before.rejected.total() + 1);
    CHECK(described(after) == described(before));
    CHECK(scene.bench.core.next_deadline() == due);
    if (!row.leaves_a_trace) CHECK(words_that_differ(bits, bits_of(scene.bench.core)) == 1);

    // And the genuine reply and announcement still count.
    const Incoming reply = scene.reply();
    scene.bench.hear(reply.octets, reply.arrival);
    CHECK(scene.bench.status().exchanges == before.exchanges + 1);
    scene.bench.pass(ms(900));
    scene.announcer.announcement.sequence += 1;
    scene.bench.hear(scene.announcer);
    CHECK(scene.bench.status().announcements == before.announcements + 1);
    CHECK(scene.bench.status().rejected.total() == after.rejected.total());
  }
}

TEST_CASE("rejects: once the reply has come there is nothing to forge (CVE-2016-7431)") {
  Scene scene;
  const Incoming reply = scene.reply();
  scene.bench.hear(reply.octets, reply.arrival);
  const Incoming forged[] = {reply, scene.reply(),
                             scene.reply_with_header([](Header& h) { h.origin = {}; })};
  const Bits bits = bits_of(scene.bench.core);
  for (const Incoming& in : forged) scene.bench.hear(in.octets, in.arrival);
  CHECK(scene.bench.status().rejected[Reject::unsolicited] == 3);
  CHECK(words_that_differ(bits, bits_of(scene.bench.core)) == 1);
}

TEST_CASE("rejects: an unknown key changes nothing where keys are given") {
  ListenerConfig config;
  config.signatures = SignatureMode::pinned;
  config.keys[0] = sim::toy_signer(1).key;
  config.key_count = 1;
  Scene scene{config};
  REQUIRE(scene.bench.status().state == State::synchronised);
  ScriptedAnnouncer stranger;
  stranger.key = 9;
  const Bits bits = bits_of(scene.bench.core);
  const std::string before = described(scene.bench.status());
  scene.bench.hear(stranger.announce(scene.bench.now), scene.bench.arrival(stranger.from));
  CHECK(scene.bench.status().rejected[Reject::unknown_key] == 1);
  CHECK(described(scene.bench.status()) == before);
  CHECK(words_that_differ(bits, bits_of(scene.bench.core)) == 1);
}

TEST_CASE("rejects: a full table changes nothing") {
  Scene scene;
  std::vector<ScriptedAnnouncer> others(kMaxSources - 1);
  for (std::uint16_t i = 0; i < others.size(); ++i) {
    others[i].announcement.chain = static_cast<std::uint16_t>(20 + i);
    scene.bench.hear(others[i]);
  }
  ScriptedAnnouncer one_more;
  one_more.announcement.chain = 99;
  const Bits bits = bits_of(scene.bench.core);
  const std::string before = described(scene.bench.status());
  scene.bench.hear(one_more);
  CHECK(scene.bench.status().rejected[Reject::table_full] == 1);
  CHECK(described(scene.bench.status()) == before);
  CHECK(words_that_differ(bits, bits_of(scene.bench.core)) == 1);
}

TEST_CASE("rejects: no reason that a listener may give is without a row") {
  std::set<Reject> reasons = {Reject::unknown_key, Reject::table_full};  // above
  for (const Row& row : all_rows()) reasons.insert(row.reason);
  const std::set<Reject> of_announcers = {Reject::not_allowed, Reject::rate_limited,
                                          Reject::stale_request};
  for (std::size_t i = 0; i < kRejectCount; ++i) {
    const auto reason = static_cast<Reject>(i);
    CAPTURE(to_string(reason));
    CHECK(reasons.count(reason) + of_announcers.count(reason) == 1);
  }
}

}  // namespace timecast::test
