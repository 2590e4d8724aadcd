// SPDX-License-Identifier: MIT
#include <filesystem>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "listener/daemon/metrics_file.hpp"
#include "listener/daemon/metrics_text.hpp"
#include "tests/unit/golden.hpp"
#include "tests/unit/host_directory.hpp"

using namespace timecast;

namespace {

constexpr Moment moment(std::int64_t seconds) {
  return {Timestamp<Realtime>{Duration::seconds(1'793'491'200 + seconds)},
          Timestamp<Raw>{Duration::seconds(seconds)}, Timestamp<Boot>{Duration::seconds(seconds)}};
}

ListenerReport synchronised() {
  ListenerReport report;
  report.now = moment(4'000);
  report.uptime = Duration::milliseconds(1'234'500);
  ListenerStatus& s = report.core;
  s.state = State::synchronised;
  s.reason = Reason::agreeing;
  s.offset = -Duration::nanoseconds(12'340);
  s.error = Duration::nanoseconds(8'100);
  s.bound = Duration::microseconds(1'250);
  s.frequency = FrequencyPpb{-12'410};
  s.delay = Duration::microseconds(45);
  s.stratum = 3;
  s.root_distance = Duration::milliseconds(1);
  s.announcements = 1'000;
  s.exchanges = 16;
  s.queries = 17;
  s.sources = 2;
  s.rejected.count(Reject::replayed);
  s.rejected.count(Reject::bad_signature);
  report.last_packet = moment(3'999).realtime + Duration::nanoseconds(123'456'789);
  report.steps = 1;
  return report;
}

// With the log of what failed and was made good.
struct Written {
  TemporaryDirectory directory;
  std::string path = directory / "timecast.prom";
  std::vector<std::string> log;
  MetricsFile file{[this](Level, std::string_view text) { log.emplace_back(text); }};
};

}  // namespace

TEST_CASE("metrics: all that a synchronised listener knows, in units that the names say") {
  check_golden("listener.metrics.txt", metrics_text(synchronised()));
}

TEST_CASE("metrics: a listener that has heard nothing has no offset to speak of") {
  check_golden("listener.metrics.searching.txt", metrics_text(ListenerReport{}));
}

TEST_CASE("metrics: every name says whose it is, and has a type and a help of its own") {
  const std::string text = metrics_text(synchronised());
  std::size_t from = 0;
  int helps = 0;
  int types = 0;
  while (from < text.size()) {
    const std::string line = text.substr(from, text.find('\n', from) - from);
    from += line.size() + 1;
    CAPTURE(line);
    const bool is_help = line.starts_with("# HELP timecast_");
    const bool is_type = line.starts_with("# TYPE timecast_");
    helps += is_help ? 1 : 0;
    types += is_type ? 1 : 0;
    CHECK((is_help || is_type || line.starts_with("timecast_")));
  }
  CHECK(helps == types);
  CHECK(helps > 10);
}

TEST_CASE("metrics file: holds what was written last, for anybody to read, and nothing beside it") {
  Written written;
  written.file.place(written.path);
  written.file.write("one\n", moment(0));
  written.file.write("two\n", moment(1));
  CHECK(file_content(written.path) == "two\n");
  CHECK(mode_of(written.path) == 0644);
  CHECK(written.directory.count() == 1);
  CHECK(written.log.empty());
}

TEST_CASE("metrics file: is due at once and then ten seconds after it was written") {
  Written written;
  CHECK_FALSE(written.file.is_due(moment(0)));
  written.file.place(written.path);
  CHECK(written.file.is_due(moment(0)));
  written.file.write("one\n", moment(5));
  CHECK_FALSE(written.file.is_due(moment(14)));
  CHECK(written.file.is_due(moment(15)));
}

TEST_CASE("metrics file: goes with its listener, and when another is named") {
  TemporaryDirectory directory;
  const std::string one = directory / "one.prom";
  const std::string two = directory / "two.prom";
  {
    MetricsFile file{[](Level, std::string_view) {}};
    file.place(one);
    file.write("x\n", moment(0));
    file.place(two);
    CHECK_FALSE(std::filesystem::exists(one));
    file.write("x\n", moment(1));
    CHECK(std::filesystem::exists(two));
  }
  CHECK_FALSE(std::filesystem::exists(two));
}

TEST_CASE("metrics file: what cannot be written is told once, and told again when it can") {
  Written written;
  written.file.place(written.directory / "none" + "/timecast.prom");
  written.file.write("x\n", moment(0));
  written.file.write("x\n", moment(10));
  REQUIRE(written.log.size() == 1);
  CHECK(written.log[0] == "--textfile: cannot write " + (written.directory / "none") +
                              "/timecast.prom: no such file or directory");
  std::filesystem::create_directory(written.directory / "none");
  written.file.write("x\n", moment(20));
  REQUIRE(written.log.size() == 2);
  CHECK(written.log[1].ends_with("timecast.prom is written again"));
}

TEST_CASE("metrics file: without a name nothing is written") {
  Written written;
  written.file.write("x\n", moment(0));
  CHECK(written.directory.count() == 0);
}
