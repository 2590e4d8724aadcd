// SPDX-License-Identifier: MIT
#include "listener/daemon/wait.hpp"

#include <doctest/doctest.h>

#include <string>

#include "tests/unit/fake_kernel.hpp"

using namespace timecast;

namespace {

constexpr Timestamp<Realtime> kStart{Duration::seconds(1'793'491'200)};

JsonObject estimate(const std::string& offset_s) {
  return *JsonObject::parse(R"({"error_s":0.000025,"offset_s":)" + offset_s + "}");
}

}  // namespace

TEST_CASE("wait: a synchronised listener's estimate is time to trust") {
  const auto estimate = trusted_estimate(R"({"state":"synchronised","offset_s":1.5})");
  REQUIRE(estimate);
  CHECK(estimate->number("offset_s") == 1.5);
}

TEST_CASE("wait: so is one whose lateness is bounded, after two announcements, or one if rare") {
  struct Row {
    const char* heard;
    const char* interval_s;
    bool is_time;
    bool is_to_be_set;  // what comes soon is waited for
  };
  for (const Row& row : {Row{R"("announcements":1,"streams":1)", "1.0", false, false},
                         {R"("announcements":2,"streams":1)", "1.0", true, false},
                         {R"("announcements":2,"streams":2)", "1.0", false, false},
                         {R"("announcements":4,"streams":2)", "2.0", true, false},
                         {R"("announcements":1,"streams":1)", "16.0", true, true}}) {
    const std::string answer =
        std::string{
            R"({"state":"tentative","reason":"few","lateness_bounded":true,"offset_s":1.5)"} +
        "," + row.heard + R"(,"interval_s":)" + row.interval_s + "}";
    CAPTURE(answer);
    CHECK(trusted_estimate(answer).has_value() == row.is_time);
    CHECK(trusted_estimate(answer, true).has_value() == row.is_to_be_set);
  }
}

TEST_CASE("wait --within: an estimate that says the clock is further off is not yet enough") {
  const Duration within = Duration::milliseconds(100);
  for (const char* near : {"0.1", "-0.1", "0"}) CHECK(near_estimate(estimate(near), within));
  const auto far = near_estimate(estimate("-0.25"), within);
  REQUIRE_FALSE(far);
  CHECK(far.error().text == "this host's clock is still -250 ms off");
  CHECK_FALSE(near_estimate(*JsonObject::parse("{}"), within));
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
           Row{R"({"state":"tentative","reason":"listening only","lateness_bounded":false})",
               "tentative: listening only"},
           Row{R"({"state":"holdover","lateness_bounded":true,"reason":"silence"})",
               "holdover: silence"},
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

TEST_CASE("wait --set: the clock is stepped by the offset, either way and however far") {
  struct Row {
    const char* offset_s;
    std::int64_t by_ns;
  };
  for (const Row& row :
       {Row{"0.000026", 26'000}, Row{"-0.000026", -26'000}, Row{"1.5", 1'500'000'000},
        Row{"-2.25", -2'250'000'000}, Row{"172800.125", 172'800'125'000'000}}) {
    CAPTURE(row.offset_s);
    FakeKernel kernel{kStart};
    const auto by = set_clock(estimate(row.offset_s), FakeKernel::calls());
    REQUIRE(by);
    CHECK(by->count_ns() == row.by_ns);
    CHECK((kernel.now().realtime - kStart).count_ns() == row.by_ns);
  }
}

TEST_CASE("wait --set: a clock that is right to within the error is left alone") {
  for (const char* const offset_s : {"0", "0.000025", "-0.000025"}) {
    CAPTURE(offset_s);
    FakeKernel kernel{kStart};
    const auto by = set_clock(estimate(offset_s), FakeKernel::calls());
    REQUIRE(by);
    CHECK(*by == Duration{});
    CHECK(kernel.calls_made == 0);
  }
}

TEST_CASE("wait --set: what keeps it from setting the clock is said, with the way out") {
  FakeKernel kernel{kStart};
  const auto refused = [] { return set_clock(estimate("1.5"), FakeKernel::calls()).error().text; };
  kernel.forbidden = true;
  CHECK(refused() ==
        "cannot set this host's clock: operation not permitted; run this as root, or with "
        "CAP_SYS_TIME");
  kernel.forbidden = false;
  kernel.fail_call = kernel.calls_made + 1;
  CHECK(refused() == "cannot set this host's clock: input/output error");
  CHECK(set_clock(*JsonObject::parse("{}"), FakeKernel::calls()).error().text ==
        "the listener's answer: it has no offset");
  CHECK(kernel.now().realtime == kStart);
}
