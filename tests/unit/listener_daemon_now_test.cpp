// SPDX-License-Identifier: MIT
#include "listener/daemon/now.hpp"

#include <doctest/doctest.h>
#include <time.h>

#include <cstdlib>

using namespace timecast;

namespace {

// 2026-11-01T00:00:00.25Z by this host's clock, which is 1.5 s slow.
constexpr Timestamp<Realtime> kHere{Duration::seconds(1'793'491'200) + Duration::milliseconds(250)};

JsonObject estimate(const char* state = "synchronised") {
  JsonObject estimate;
  estimate.add("state", state)
      .add("reason", "all is well")
      .add("offset_s", 1.5)
      .add("error_s", 12.5e-6)
      .add("bound_s", 0.0015);
  return estimate;
}

std::string line_for(const ListenerOptions& options, Timestamp<Realtime> here = kHere) {
  const auto line = now_line(estimate(), here, options);
  REQUIRE(line);
  return *line;
}

}  // namespace

TEST_CASE("now: the listener's time, how well it is known, and why") {
  CHECK(line_for({}) ==
        "2026-11-01T00:00:01.750000Z +-1.5 ms, error 12.5 us; synchronised: all is well");
}

TEST_CASE("now: as JSON the estimate with the time added") {
  ListenerOptions options;
  options.json = true;
  CHECK(line_for(options) ==
        R"({"state":"synchronised","reason":"all is well","offset_s":1.5,"error_s":1.25e-05,)"
        R"("bound_s":0.0015,"now":"2026-11-01T00:00:01.750000Z","now_s":1793491201.75})");
}

TEST_CASE("now: a format is filled in, in local time") {
  ListenerOptions options;
  const char* const zone = std::getenv("TZ");
  const std::string before = zone == nullptr ? "" : zone;
  ::setenv("TZ", "XYZ-2", 1);
  ::tzset();
  options.format = "%F %T %Z";
  CHECK(line_for(options) == "2026-11-01 02:00:01 XYZ");
  zone == nullptr ? ::unsetenv("TZ") : ::setenv("TZ", before.c_str(), 1);
  ::tzset();
}

TEST_CASE("now: a format of which strftime makes nothing is an error") {
  for (const std::string& format : {std::string{}, std::string(5000, 'x')}) {
    ListenerOptions options;
    options.format = format;
    const auto line = now_line(estimate(), kHere, options);
    REQUIRE_FALSE(line);
    CHECK(line.error().text == "--format: strftime makes nothing of \"" + format + '"');
  }
}

TEST_CASE("now: before 1970 the fraction still counts upwards") {
  const Timestamp<Realtime> here{-Duration::milliseconds(1750)};
  CHECK(line_for({}, here).starts_with("1969-12-31T23:59:59.750000Z"));
  CHECK(
      line_for({}, here - Duration::milliseconds(750)).starts_with("1969-12-31T23:59:59.000000Z"));
}

TEST_CASE("now: the ends of time print something") {
  CHECK(line_for({}, Timestamp<Realtime>{Duration::max()})
            .starts_with("2262-04-11T23:47:16.854775Z"));
  CHECK(line_for({}, Timestamp<Realtime>{Duration::min()})
            .starts_with("1677-09-21T00:12:44.645224Z"));
}

TEST_CASE("now: there is a time while the state has one, and else a reason") {
  for (const char* const state : {"tentative", "synchronised", "holdover"}) {
    CAPTURE(state);
    CHECK(now_line(estimate(state), kHere, {}));
  }
  for (const char* const state : {"searching", "lost", "another"}) {
    CAPTURE(state);
    const auto line = now_line(estimate(state), kHere, {});
    REQUIRE_FALSE(line);
    CHECK(line.error().exit_code == 1);
    CHECK(line.error().text ==
          "there is no time to trust: " + std::string{state} + ": all is well");
  }
}

TEST_CASE("now: an answer without a state is no time") {
  const auto line = now_line({}, kHere, {});
  REQUIRE_FALSE(line);
  CHECK(line.error().text == "there is no time to trust: unknown: unknown");
}
