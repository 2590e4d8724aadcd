// SPDX-License-Identifier: MIT
#include "listener/daemon/status.hpp"

#include <doctest/doctest.h>

#include <limits>
#include <sstream>

#include <timecast/uv_listener.hpp>

#include "common/host/json_object.hpp"
#include "common/host/socket_address.hpp"
#include "tests/unit/golden.hpp"

using namespace timecast;

namespace {

constexpr Moment kNow{
    Timestamp<Realtime>{Duration::seconds(1'793'491'200) + Duration::milliseconds(250)},
    Timestamp<Raw>{Duration::seconds(4'000)}, Timestamp<Boot>{Duration::seconds(5'000)}};

ListenerStatus synchronised() {
  ListenerStatus s;
  s.state = State::synchronised;
  s.reason = Reason::agreeing;
  s.offset = -Duration::nanoseconds(12'340);
  s.error = Duration::nanoseconds(8'100);
  s.bound = Duration::microseconds(1'250);
  s.frequency = FrequencyPpb{-12'410};
  s.delay = Duration::microseconds(45);
  s.round_trip = Duration::microseconds(90);
  s.lateness_bounded = true;
  s.valid_until = kNow.boot + Duration::seconds(66'600);
  s.announcer = parse_endpoint("192.0.2.7", 11'123).value();
  s.key[0] = 0xA5;
  s.leap = Leap::none;
  s.stratum = 3;
  s.root_distance = Duration::milliseconds(1);
  s.interval = Duration::seconds(1);
  s.interleaved = true;
  s.announcements = 1'000;
  s.exchanges = 16;
  s.queries = 17;
  s.sources = 1;
  s.rejected.count(Reject::replayed);
  return s;
}

GroupReport group(const char* address, const char* interface_name, const char* failure) {
  GroupReport report;
  report.wish = {parse_endpoint(address, 11'123).value(), interface_name, false};
  report.open = failure == nullptr;
  report.failure = failure == nullptr ? "" : failure;
  report.abilities.receive_stamps = true;
  report.abilities.source = StampSource::kernel;
  return report;
}

ListenerReport report_of(const ListenerStatus& status) {
  return {kNow,
          Duration::seconds(1'234),
          status,
          {group("239.255.123.124", "eth0", nullptr),
           group("239.255.123.124", "eth1", "cannot join: no buffer space available")},
          "kernel: steered",
          "/run/timecast-listener/page",
          ""};
}

}  // namespace

TEST_CASE("listener's status: a sender that signs nothing has no key") {
  ListenerStatus status = synchronised();
  status.plain = true;
  const ListenerReport report = report_of(status);
  const auto line = JsonObject::parse(answer_control(report, "status json"));
  REQUIRE(line);
  CHECK(line->string("stream") == "plain");
  CHECK_FALSE(line->string("key"));
  CHECK(answer_control(report, "status").find("none: it signs nothing") != std::string::npos);
}

TEST_CASE("listener's status: for people, with a time and without one") {
  check_golden("listener.status.txt", answer_control(report_of(synchronised()), "status"));
  check_golden("listener.status.searching.txt", answer_control(report_of({}), "status"));
}

TEST_CASE("listener's status: for programs, one line of JSON each") {
  check_golden("listener.status.json", answer_control(report_of(synchronised()), "status json"));
  check_golden("listener.status.searching.json", answer_control(report_of({}), "status json"));
  check_golden("listener.estimate.json", answer_control(report_of(synchronised()), "estimate"));
  CHECK(estimate_line(synchronised(), "estimate", kNow) + '\n' ==
        answer_control(report_of(synchronised()), "estimate"));
}

TEST_CASE("listener's status: where there is no page, why") {
  ListenerReport report = report_of(synchronised());
  report.page.clear();
  report.page_failure = "cannot write /run/page: permission denied";
  CHECK(answer_control(report, "status").find("none: cannot write /run/page: permission denied") !=
        std::string::npos);
  const auto line = JsonObject::parse(answer_control(report, "status json"));
  REQUIRE(line);
  CHECK_FALSE(line->string("page"));
  CHECK(line->string("page_failure") == report.page_failure);
}

TEST_CASE("listener's status: a group says where its stamps come from") {
  ListenerReport report = report_of(synchronised());
  report.groups[0].abilities.source = StampSource::hardware;
  CHECK(answer_control(report, "status").find("on eth0, hardware stamps\n") != std::string::npos);
  CHECK(answer_control(report, "status json").find(R"("stamp_source":"hardware")") !=
        std::string::npos);
}

TEST_CASE("listener's status: an unknown request is told what there is") {
  CHECK(answer_control(report_of({}), "stop") ==
        "error: unknown request; ask for status, status json or estimate\n");
  CHECK(answer_control(report_of({}), "").starts_with("error: "));
}

TEST_CASE("listener's status: a line of JSON says its type, and holds what the state has") {
  const auto searching = JsonObject::parse(estimate_line({}, "state", kNow));
  REQUIRE(searching);
  CHECK(searching->string("type") == "state");
  CHECK(searching->string("state") == "searching");
  CHECK_FALSE(searching->number("offset_s"));
  CHECK_FALSE(searching->string("announcer"));
  const auto line = JsonObject::parse(estimate_line(synchronised(), "estimate", kNow));
  REQUIRE(line);
  CHECK(line->number("schema") == 1.0);
  CHECK(line->number("time_s") == 1793491200.25);
  CHECK(line->number("offset_s") == -12.34e-6);
  CHECK(line->number("valid_for_s") == 66'600.0);
}

TEST_CASE("listener's status: what has run out is valid for no time") {
  ListenerStatus s = synchronised();
  s.state = State::lost;
  s.valid_until = kNow.boot - Duration::microseconds(20);
  CHECK(JsonObject::parse(estimate_line(s, "estimate", kNow))->number("valid_for_s") == 0.0);
  CHECK(answer_control(report_of(s), "status").find("for 0 ns if nothing more is heard") !=
        std::string::npos);
}

TEST_CASE("listener's status: a frequency that is no number is left out of JSON") {
  ListenerStatus s = synchronised();
  s.frequency = FrequencyPpb{std::numeric_limits<double>::quiet_NaN()};
  const std::string line = estimate_line(s, "estimate", kNow);
  CHECK(line.find("null") == std::string::npos);
  CHECK_FALSE(JsonObject::parse(line)->number("frequency_ppb"));
}

TEST_CASE("listener's status: one sentence for the log") {
  CHECK(describe({}) == "searching: " + std::string{sentence_for(Reason::nothing_heard)});
  CHECK(describe(synchronised()) ==
        "synchronised by 192.0.2.7:11123 (stratum 3), offset -12.34 us, error 8.1 us, bound 1.25 "
        "ms: " +
            std::string{sentence_for(Reason::agreeing)});
}
