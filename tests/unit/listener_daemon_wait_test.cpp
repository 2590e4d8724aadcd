// SPDX-License-Identifier: MIT
#include "listener/daemon/wait.hpp"

#include <doctest/doctest.h>

using namespace timecast;

TEST_CASE("wait: a synchronised listener's estimate is time to trust") {
  const auto estimate = trusted_estimate(R"({"state":"synchronised","offset_s":1.5})");
  REQUIRE(estimate);
  CHECK(estimate->number("offset_s") == 1.5);
}

TEST_CASE("wait: anything else is none, and says what it is") {
  struct Row {
    Result<std::string> answer;
    const char* error;
  };
  for (const Row& row : {
           Row{R"({"state":"searching","reason":"no announcement heard yet"})",
               "searching: no announcement heard yet"},
           Row{R"({"state":"tentative","reason":"the delay is assumed"})",
               "tentative: the delay is assumed"},
           Row{R"({"state":"holdover","reason":"silence"})", "holdover: silence"},
           Row{R"({"state":"lost","reason":"silence"})", "lost: silence"},
           Row{R"({"state":"synchronised?"})", "synchronised?: unknown"},
           Row{"{}", "unknown: unknown"},
           Row{"error: unknown request", "the listener's answer: this is no JSON object"},
           Row{because(Error{"no daemon answers"}), "no daemon answers"},
       }) {
    CAPTURE(row.error);
    const auto estimate = trusted_estimate(row.answer);
    REQUIRE_FALSE(estimate);
    CHECK(estimate.error().text == row.error);
  }
}
