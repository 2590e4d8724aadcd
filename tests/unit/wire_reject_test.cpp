// SPDX-License-Identifier: MIT
#include <cctype>
#include <set>
#include <string>

#include <doctest/doctest.h>
#include <timecast/wire/expected.hpp>
#include <timecast/wire/reject.hpp>

namespace timecast {
namespace {

TEST_CASE("every verdict has a name of its own") {
  std::set<std::string> names;
  for (std::size_t i = 0; i < kRejectCount; ++i) {
    const std::string name = to_string(static_cast<Reject>(i));
    CAPTURE(name);
    CHECK(name != "unnamed");
    CHECK(names.insert(name).second);
    for (const char c : name) CHECK((c == '_' || std::islower(static_cast<unsigned char>(c)) != 0));
  }
  CHECK(std::string{to_string(static_cast<Reject>(kRejectCount))} == "unnamed");
  CHECK(std::string{to_string(Reject::too_short)} == "too_short");
  CHECK(std::string{to_string(Reject::stale_request)} == "stale_request");
}

TEST_CASE("refusals are counted by their reason and together") {
  RejectCounters counters;
  CHECK(counters.total() == 0);
  counters.count(Reject::too_short);
  counters.count(Reject::too_short);
  counters.count(Reject::stale_request);
  CHECK(counters[Reject::too_short] == 2);
  CHECK(counters[Reject::stale_request] == 1);
  CHECK(counters[Reject::replayed] == 0);
  CHECK(counters.total() == 3);
  CHECK(counters != RejectCounters{});
}

TEST_CASE("a value is expected, or there is a reason") {
  const auto half = [](int number) -> Expected<int, Reject> {
    if (number % 2 != 0) return because(Reject::too_short);
    return number / 2;
  };
  CHECK(half(8).value() == 4);
  REQUIRE(!half(7));
  CHECK(half(7).error() == Reject::too_short);
}

}  // namespace
}  // namespace timecast
