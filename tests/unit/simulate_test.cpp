// SPDX-License-Identifier: MIT
//
// The program timecast-simulate: what it takes and what it shows.
#include <doctest/doctest.h>

#include <limits>
#include <ostream>

#include "tests/simulate/options.hpp"
#include "tests/simulate/plots.hpp"
#include "tests/simulate/report.hpp"
#include "tests/simulate/runs.hpp"
#include "tests/simulate/svg.hpp"
#include "tests/unit/arguments.hpp"

namespace timecast::simulate {
namespace {

const std::vector<std::string> kNames{"A", "B", "floor"};

Expected<Options, Farewell> parsed(const std::string& text) {
  const Arguments arguments{"timecast-simulate " + text};
  return parse_options(kNames, arguments.count(), arguments.pointers());
}

std::vector<sim::Scenario> an_hour_of(std::string_view name) {
  std::vector<sim::Scenario> out;
  for (sim::Scenario& each : sim::all_scenarios()) {
    if (each.name != name) continue;
    each.hours = 1;
    each.seeds = 3;
    out.push_back(std::move(each));
  }
  return out;
}

}  // namespace

TEST_CASE("simulate: scenarios are named with and without their option") {
  for (const std::string text :
       {"A floor", "--scenario A --scenario floor", "run A floor", "A --hours 2 floor"}) {
    CAPTURE(text);
    const auto options = parsed(text);
    REQUIRE(options);
    CHECK(options->scenarios == std::vector<std::string>{"A", "floor"});
  }
}

TEST_CASE("simulate: a folder may be called as a scenario is") {
  const auto options = parsed("--svg A --seeds 3 --interval 0.125");
  REQUIRE(options);
  CHECK(options->scenarios.empty());
  CHECK(options->svg_folder == "A");
  CHECK(options->seeds == 3);
  CHECK(options->interval == Duration::milliseconds(125));
}

TEST_CASE("simulate: a command line that is wrong is refused with the reason") {
  struct Row {
    std::string text;
    std::string_view why;
  };
  const Row rows[] = {
      {"flor", "\"flor\" is no scenario; did you mean floor?"},
      {"--seeds 0", "--seeds: \"0\" is no number of 1 to 1000"},
      {"--interval 2000", "is no number of 0.125 to 1024"},
      {"--all A", "--all: contradicts a named scenario"},
      {"--sedes 2", "there is no option --sedes; did you mean"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const auto options = parsed(row.text);
    REQUIRE_FALSE(options);
    CHECK(options.error().exit_code == 2);
    CHECK(options.error().text.find(row.why) != std::string::npos);
  }
}

TEST_CASE("simulate: numbers are shown with three digits that count") {
  struct Row {
    double value;
    const char* text;
  };
  const Row rows[] = {{0, "0"},         {0.2919, "0.292"},
                      {0.9996, "1.00"}, {8.1, "8.10"},
                      {9.996, "10.0"},  {99.94, "99.9"},
                      {99.96, "100"},   {25'076, "25076"},
                      {-1.5, "-1.50"},  {std::numeric_limits<double>::infinity(), "never"}};
  for (const Row& row : rows) CHECK(in_three_digits(row.value) == row.text);
}

TEST_CASE("simulate: a table is the same as text and as Markdown") {
  const Table table{"Title", {"", "one", "two"}, {{"A", "1", "22222"}, {"BB", "", "3"}}, "A note."};
  CHECK(as_text(table) == "Title\n\n    one    two\nA     1  22222\nBB           3\n\nA note.\n");
  CHECK(as_markdown(table) ==
        "**Title**\n\n| | one | two |\n|---|---:|---:|\n| A | 1 | 22222 |\n| BB | | 3 |\n\nA "
        "note.\n");
}

TEST_CASE("simulate: a plot has axes that hold its lines, and leaves out what has no logarithm") {
  const std::string svg = as_svg({"A title", "hours", "us", {{"a line", {0, 1, 2}, {0, 0.5, 20}}}});
  CHECK(svg.find("<polyline class=\"c0\" points=\"459.0,") != std::string::npos);
  for (const std::string_view text :
       {">A title<", ">hours<", ">us<", ">a line<", ">0.1<", ">100<"}) {
    CAPTURE(text);
    CHECK(svg.find(text) != std::string::npos);
  }
  CHECK(svg.find("nan") == std::string::npos);
  CHECK(as_svg({"Nothing", "", "", {{"empty", {}, {}}}}).find("nan") == std::string::npos);
}

TEST_CASE("simulate: two threads find what one finds, in the same order") {
  Progress progress;
  const auto one = run_all(an_hour_of("A"), 1, true, progress);
  const auto two = run_all(an_hour_of("A"), 2, true, progress);
  REQUIRE(one.size() == 1);
  REQUIRE(two.size() == 1);
  CHECK(one[0].summary.seeds == 3);
  CHECK(one[0].summary.pooled.error.rms() == two[0].summary.pooled.error.rms());
  CHECK(one[0].path.size() == 3'600);
  CHECK(is_plotted(one[0].scenario));
  CHECK(as_svg(plot_of(one[0])).size() > 10'000);
}

TEST_CASE("simulate: goals are passed up to their limit and missed above it") {
  Outcome outcome{an_hour_of("A").at(0), {}, {}};
  outcome.summary.pooled.error.add(0.25);
  outcome.summary.pooled.seconds_known = 1'000;
  outcome.summary.pooled.errors_broken = 1;
  outcome.summary.pooled.bounds_broken = 1;
  outcome.summary.cold[2] = {4.0, 9.0};
  for (const Verdict& verdict : verdicts_on(outcome)) {
    CAPTURE(verdict.what);
    CHECK(verdict.passed() == (verdict.what != "seconds with the truth outside bound_s"));
  }
  outcome.summary.pooled.errors_broken = 2;
  outcome.summary.pooled.error.add(10);
  outcome.summary.cold[2] = {std::nullopt, std::nullopt};
  int missed = 0;
  for (const Verdict& verdict : verdicts_on(outcome)) missed += verdict.passed() ? 0 : 1;
  CHECK(missed == 5);  // RMS, p99, cold start, both promises
}

TEST_CASE("simulate: every scenario and goal has its line of JSON and its row") {
  Progress progress;
  const auto outcomes = run_all(an_hour_of("F"), 2, false, progress);
  const auto verdicts = verdicts_on(outcomes.at(0));
  const std::string lines = json_lines(outcomes, verdicts);
  CHECK(std::count(lines.begin(), lines.end(), '\n') ==
        static_cast<std::ptrdiff_t>(1 + verdicts.size()));
  CHECK(lines.find("\"type\":\"scenario\",\"scenario\":\"F\",\"seeds\":3") != std::string::npos);
  CHECK(verdict_table(verdicts).rows.size() == verdicts.size());
  for (const Table& table : tables_of(outcomes)) {
    for (const auto& row : table.rows) CHECK(row.size() == table.head.size());
  }
}

}  // namespace timecast::simulate
