// SPDX-License-Identifier: MIT
#include "listener/clocks/kernel_word.hpp"

#include <doctest/doctest.h>

using namespace timecast;

namespace {

constexpr Duration kDay = Duration::seconds(86'400);
constexpr Timestamp<Realtime> kNewYear2017{Duration::seconds(1'483'228'800)};

ListenerStatus status_with(State state, Leap leap) {
  ListenerStatus status;
  status.state = state;
  status.leap = leap;
  status.error = Duration::nanoseconds(1'001);
  status.bound = Duration::microseconds(40);
  status.offset = -Duration::microseconds(2);
  return status;
}

}  // namespace

TEST_CASE("kernel word: each state says what it may, and no more") {
  struct Row {
    State state;
    bool trust_tentative;
    bool speaks;
    std::optional<bool> synchronised;
  };
  const Row rows[] = {
      {State::searching, true, false, std::nullopt}, {State::tentative, false, false, std::nullopt},
      {State::tentative, true, true, true},          {State::synchronised, false, true, true},
      {State::holdover, false, true, std::nullopt},  {State::lost, false, true, false},
  };
  for (const Row& row : rows) {
    CAPTURE(to_string(row.state));
    const auto word =
        kernel_word(status_with(row.state, Leap::none), kNewYear2017, row.trust_tentative);
    REQUIRE(word.has_value() == row.speaks);
    if (word) CHECK(word->synchronised == row.synchronised);
  }
}

TEST_CASE("kernel word: an offset is an error, and errors are rounded up") {
  const auto word = kernel_word(status_with(State::synchronised, Leap::none), kNewYear2017, false);
  REQUIRE(word);
  CHECK(word->max_error_us == 42);
  CHECK(word->estimated_error_us == 4);
}

TEST_CASE("kernel word: an error beyond the kernel's limit is the limit") {
  ListenerStatus status = status_with(State::lost, Leap::none);
  status.bound = Duration::seconds(3'000);
  const auto word = kernel_word(status, kNewYear2017, false);
  REQUIRE(word);
  CHECK(word->max_error_us == 16'000'000);
}

TEST_CASE("kernel word: a leap second is passed on during the last day of a month alone") {
  struct Row {
    const char* name;
    Timestamp<Realtime> now;
    Leap told, passed_on;
  };
  const Row rows[] = {
      {"the evening of it", kNewYear2017 - Duration::seconds(1), Leap::insert_second,
       Leap::insert_second},
      {"the morning of it", kNewYear2017 - kDay, Leap::delete_second, Leap::delete_second},
      {"the day before", kNewYear2017 - kDay - Duration::seconds(1), Leap::insert_second,
       Leap::none},
      {"the day after", kNewYear2017, Leap::insert_second, Leap::none},
      {"nothing told", kNewYear2017 - Duration::seconds(1), Leap::none, Leap::none},
      {"an unsynchronised one", kNewYear2017 - Duration::seconds(1), Leap::unsynchronised,
       Leap::none},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    ListenerStatus status = status_with(State::synchronised, row.told);
    status.offset = {};
    const auto word = kernel_word(status, row.now, false);
    REQUIRE(word);
    CHECK(word->leap == row.passed_on);
  }
}

TEST_CASE("kernel word: the day is the announcer's, not this host's") {
  ListenerStatus status = status_with(State::synchronised, Leap::insert_second);
  status.offset = Duration::milliseconds(50);
  const auto word = kernel_word(status, kNewYear2017 - kDay - Duration::milliseconds(20), false);
  REQUIRE(word);
  CHECK(word->leap == Leap::insert_second);
}

TEST_CASE("kernel word: a clock that is far off still is not called synchronised") {
  for (const State state : {State::synchronised, State::tentative}) {
    for (const int ms_off : {-99, 99, -101, 101, 3'600'000}) {
      CAPTURE(ms_off);
      ListenerStatus status = status_with(state, Leap::insert_second);
      status.offset = Duration::milliseconds(ms_off);
      const auto word = kernel_word(status, kNewYear2017 - kDay / 2, true);
      REQUIRE(word);
      const bool is_near = ms_off == 99 || ms_off == -99;
      CHECK(word->synchronised == is_near);
      CHECK(word->leap == (is_near ? Leap::insert_second : Leap::none));
    }
  }
}
