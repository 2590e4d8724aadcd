// SPDX-License-Identifier: MIT
#include "listener/daemon/watch_packet.hpp"

#include "tests/unit/listener_watch.hpp"
#include "tests/unit/wire_vectors.hpp"

namespace timecast::test {
namespace {

// What the packet is instead of an announcement; an empty text if it is one.
std::string why_not(const HeardPacket& packet) {
  const auto heard = read_announcement(packet, toy_verifier());
  return heard ? std::string{} : heard.error();
}

HeardPacket packet_of(Octets octets) {
  HeardPacket packet;
  packet.octets = octets;
  packet.at = after({});
  return packet;
}

}  // namespace

TEST_CASE("watch: an announcement is read with its time against this host's") {
  FakeAnnouncer announcer;
  announcer.ahead = Duration::milliseconds(-250);
  const auto heard = read_announcement(announcer.send({}), toy_verifier());
  REQUIRE(heard);
  CHECK(heard->signature == SignatureVerdict::good);
  CHECK(heard->field->sequence == 101);
  CHECK(heard->interval() == kSecond);
  CHECK(heard->offset == Duration::milliseconds(-250));
  CHECK(heard->transmit.since_epoch() ==
        after({}).realtime.since_epoch() - Duration::milliseconds(250));
  CHECK(heard->is_synchronised());
}

TEST_CASE("watch: a plain announcement is unsigned, and promises what its poll field says") {
  FakeAnnouncer announcer = plain_announcer();
  const auto heard = read_announcement(announcer.send({}), toy_verifier());
  REQUIRE(heard);
  CHECK(heard->signature == SignatureVerdict::none);
  CHECK_FALSE(heard->field);
  CHECK(heard->interval() == Duration::seconds(8));
}

TEST_CASE("watch: a time is of the era nearest to this host's clock") {
  struct Row {
    std::int64_t host_s;
    std::int64_t announced_s;
  };
  for (const Row& row : {
           Row{1'793'491'200, 0},              // a device without a clock, in 2026
           Row{2'085'978'490, 2'085'978'500},  // across the era's end, 2036-02-07T06:28:16Z
           Row{2'085'978'500, 2'085'978'490},
       }) {
    CAPTURE(row.announced_s);
    FakeAnnouncer announcer;
    announcer.ahead = Duration::seconds(row.announced_s - row.host_s);
    const Duration since_start = Duration::seconds(row.host_s) - after({}).realtime.since_epoch();
    const auto heard = read_announcement(announcer.send(since_start), toy_verifier());
    REQUIRE(heard);
    CHECK(heard->transmit.since_epoch() == Duration::seconds(row.announced_s));
  }
}

TEST_CASE("watch: a forged signature is bad, and the announcement is one") {
  FakeAnnouncer announcer;
  announcer.forged = true;
  const auto heard = read_announcement(announcer.send({}), toy_verifier());
  REQUIRE(heard);
  CHECK(heard->signature == SignatureVerdict::bad);
}

TEST_CASE("watch: a key of zeros, which is a challenge's, announces nothing") {
  Bytes octets = vector_named("challenge");
  octets[0] = 0x25;  // version 4, mode broadcast
  CHECK(why_not(packet_of(octets)) == "a challenge, no announcement");
}

TEST_CASE("watch: unsynchronised is said by leap or stratum") {
  struct Row {
    Leap leap;
    std::uint8_t stratum;
    bool synchronised;
  };
  for (const Row& row : {Row{Leap::none, 1, true}, Row{Leap::insert_second, 15, true},
                         Row{Leap::unsynchronised, 2, false}, Row{Leap::none, 0, false},
                         Row{Leap::none, 16, false}, Row{Leap::none, 255, false}}) {
    CAPTURE(row.stratum);
    HeardAnnouncement heard;
    heard.header.leap = row.leap;
    heard.header.stratum = row.stratum;
    CHECK(heard.is_synchronised() == row.synchronised);
  }
}

TEST_CASE("watch: what is no announcement is named") {
  CHECK(why_not(packet_of({})) == "no NTP packet: too short");
  const Bytes request = from_hex(kH3);
  CHECK(why_not(packet_of(request)) == "no announcement: mode client");
  Bytes silent = from_hex(kH5);
  std::fill(silent.begin() + kTransmitOffset, silent.end(), std::uint8_t{0});
  CHECK(why_not(packet_of(silent)) == "no announcement: zero transmit");
  FakeAnnouncer announcer;
  HeardPacket packet = announcer.send({});
  CHECK(why_not(packet) == "");
  packet.truncated = true;
  CHECK(why_not(packet) == "longer than 172 octets");
}

TEST_CASE("watch: a malformed announcement field makes no announcement") {
  FakeAnnouncer announcer;
  const HeardPacket packet = announcer.send({});
  Bytes octets;
  octets.assign(packet.octets.begin(), packet.octets.end());
  octets[kHeaderOctets + 8] = 2;  // a version that nobody knows
  CHECK(why_not(packet_of(octets)) == "no announcement: bad announcement");
}

}  // namespace timecast::test
