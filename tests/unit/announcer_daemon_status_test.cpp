// SPDX-License-Identifier: MIT
#include "announcer/daemon/status.hpp"

#include <doctest/doctest.h>

#include "common/host/socket_address.hpp"
#include "tests/unit/golden.hpp"

using namespace timecast;

namespace {

constexpr Timestamp<Realtime> kNow{Duration::seconds(1'793'491'200) + Duration::milliseconds(250)};

constexpr const char* kIsland = "island: this host's clock is the reference";

Endpoint endpoint(const char* text) { return parse_endpoint(text, 0).value(); }

SocketReport socket(StreamKind kind, const char* local, std::vector<DestinationReport> to = {},
                    const char* interface_name = "eth0") {
  SocketReport report;
  report.wish.kind = kind;
  report.wish.local = endpoint(local);
  report.wish.interface_name = interface_name;
  report.open = true;
  report.abilities.receive_stamps = report.abilities.transmit_stamps = true;
  report.abilities.source = StampSource::kernel;
  report.destinations = std::move(to);
  return report;
}

AnnouncerStatus at_work() {
  AnnouncerStatus s;
  s.synchronised = true;
  s.header.leap = Leap::none;
  s.header.stratum = 3;
  s.header.root_dispersion = NtpShort{132};
  s.announcements = 1'000;
  s.plain = 111;
  s.replies = 64;
  s.signed_replies = 16;
  s.interleaved_replies = 7;
  s.askers = 30;
  s.query_spread = Duration::milliseconds(3'600);
  s.sequence = 1'793'491'200'001'000;
  s.late = Duration::microseconds(61);
  s.lateness = Duration::nanoseconds(152'300);
  s.stamps = 999;
  s.rejected.count(Reject::rate_limited);
  return s;
}

AnnouncerReport report() {
  AnnouncerReport report;
  report.now = kNow;
  report.uptime = Duration::seconds(1'234);
  report.core = at_work();
  report.synchronised = true;
  report.clock_reason = "the kernel says that this host's clock is synchronised";
  report.key[0] = 0xA5;
  report.interval = Duration::seconds(1);
  report.send_failures = 3;
  report.sockets = {
      socket(StreamKind::precise, "192.0.2.1:11123",
             {{endpoint("239.255.123.124:11123"), "network is unreachable"}}),
      socket(StreamKind::precise, "192.0.2.2:11123"),
      socket(StreamKind::precise, "192.0.2.3:11123"),
      socket(StreamKind::plain, "192.0.2.1:123",
             {{endpoint("239.255.123.123:123"), ""}, {endpoint("192.0.2.255:123"), ""}}),
      socket(StreamKind::plain, "192.0.2.2:123"),
      socket(StreamKind::plain, "192.0.2.3:123"),
      socket(StreamKind::plain, "198.51.100.1:123", {}, "eth1"),
  };
  report.sockets[3].reason = "another server answers there";
  for (std::size_t i = 4; i < 6; ++i) {
    report.sockets[i].open = false;
    report.sockets[i].reason = "permission denied; grant CAP_NET_BIND_SERVICE";
  }
  return report;
}

}  // namespace

TEST_CASE("announcer's status: for people, at work and just started") {
  check_golden("announcer.status.txt", answer_control(report(), "status"));
  AnnouncerReport started;
  started.synchronised = true;
  started.clock_reason = kIsland;
  check_golden("announcer.status.started.txt", answer_control(started, "status"));
}

TEST_CASE("announcer's status: for programs, one line of JSON") {
  check_golden("announcer.status.json", answer_control(report(), "status json"));
}

TEST_CASE("announcer's status: a socket says where its stamps come from") {
  AnnouncerReport at_card = report();
  at_card.sockets[6].abilities.source = StampSource::hardware;
  CHECK(answer_control(at_card, "status").find("198.51.100.1:123 (eth1); hardware stamps\n") !=
        std::string::npos);
  CHECK(answer_control(at_card, "status json").find(R"("stamp_source":"hardware")") !=
        std::string::npos);
}

// Which of 300 addresses was asked last, and how that was stamped, is no news.
TEST_CASE("announcer's status: only hardware stamps make a row of their own") {
  AnnouncerReport mixed = report();
  mixed.sockets[1].abilities.source = StampSource::user;
  CHECK(answer_control(mixed, "status") == answer_control(report(), "status"));
}

TEST_CASE("announcer's status: an unknown request is told what there is") {
  CHECK(answer_control(report(), "stop") ==
        "error: unknown request; ask for status, or status json\n");
}

TEST_CASE("announcer's status: an announcement is a line of JSON, with a sequence if it has one") {
  const SocketReport precise = report().sockets[0];
  CHECK(announcement_line(at_work(), precise.wish, precise.destinations[0].to, kNow) ==
        R"({"schema":1,"time_s":1793491200.25,"type":"announcement","stream":"precise",)"
        R"("from":"192.0.2.1:11123","to":"239.255.123.124:11123","interface":"eth0",)"
        R"("leap":"none","stratum":3,"root_dispersion_s":0.002014161,)"
        R"("sequence":1793491200001000,"late_s":6.1e-05,"lateness_s":0.0001523})");
  const SocketReport plain = report().sockets[3];
  CHECK(announcement_line(at_work(), plain.wish, plain.destinations[0].to, kNow).find("sequence") ==
        std::string::npos);
}

TEST_CASE("announcer's status: a change of state is a line of JSON with its reason") {
  AnnouncerReport changed = report();
  changed.synchronised = false;
  changed.clock_reason = "the kernel says that this host's clock is not synchronised";
  CHECK(state_line(changed) ==
        R"({"schema":1,"time_s":1793491200.25,"type":"state","state":"unsynchronised",)"
        R"("clock_source":"kernel",)"
        R"("reason":"the kernel says that this host's clock is not synchronised"})");
  changed.synchronised = true;
  changed.clock_source = ClockSource::island;
  changed.clock_reason = kIsland;
  CHECK(state_line(changed) ==
        R"({"schema":1,"time_s":1793491200.25,"type":"state","state":"synchronised",)"
        R"("clock_source":"island","reason":"island: this host's clock is the reference"})");
}

TEST_CASE("announcer's status: in one sentence, where it announces and what its clock is worth") {
  AnnouncerReport two = report();
  CHECK(state_text(two) ==
        "announcing by eth0: the kernel says that this host's clock is synchronised");
  two.sockets.back().destinations = {{endpoint("224.0.1.1:123"), ""}};
  two.sockets.push_back(two.sockets.front());
  CHECK(state_text(two) ==
        "announcing by eth0, eth1: the kernel says that this host's clock is synchronised");
  two.sockets.clear();
  two.clock_reason = kIsland;
  CHECK(state_text(two) == "announcing nowhere: island: this host's clock is the reference");
}
