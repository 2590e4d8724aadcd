// SPDX-License-Identifier: MIT
#include "listener/clocks/listener_rights.hpp"

#include <doctest/doctest.h>

#include "listener/clocks/kernel_step.hpp"

using namespace timecast;

namespace {

constexpr Timestamp<Boot> kNow{Duration::seconds(1'000)};

timex call(unsigned modes, int status = 0, long offset = 0) {
  timex made{};
  made.modes = modes;
  made.status = status;
  made.offset = offset;
  return made;
}

int steps_allowed(ListenerRights& rights, Timestamp<Boot> now) {
  int allowed = 0;
  while (allowed < 100 && rights.allows(step_request(Duration::seconds(1)), now)) ++allowed;
  return allowed;
}

}  // namespace

TEST_CASE("rights of a listener: no call is allowed but those that its discipline makes") {
  struct Row {
    const char* name;
    timex made;
    bool is_allowed;
  };
  constexpr unsigned kWord = ADJ_MAXERROR | ADJ_ESTERROR | ADJ_STATUS;
  const Row rows[] = {
      {"read", call(0), true},
      {"rate", call(ADJ_FREQUENCY | ADJ_TICK), true},
      {"a second's correction", call(ADJ_OFFSET_SINGLESHOT, 0, -500), true},
      {"word", call(kWord, STA_INS | STA_NANO), true},
      {"no word", call(kWord, STA_UNSYNC), true},
      {"a loop emptied", call(ADJ_STATUS | ADJ_OFFSET, STA_PLL | STA_FREQHOLD | STA_UNSYNC), true},
      {"a loop off", call(ADJ_STATUS, STA_UNSYNC), true},
      {"step", step_request(-Duration::seconds(86'400)), true},

      {"more than a second's correction", call(ADJ_OFFSET_SINGLESHOT, 0, 501), false},
      {"the same backwards", call(ADJ_OFFSET_SINGLESHOT, 0, -501), false},
      {"a loop fed", call(ADJ_STATUS | ADJ_OFFSET, STA_PLL, 1), false},
      {"a loop fed without a word", call(ADJ_OFFSET, 0, 1), false},
      {"a loop on", call(ADJ_STATUS, STA_PLL), false},
      {"a frequency loop on", call(kWord, STA_FLL), false},
      {"a pulse", call(ADJ_STATUS, STA_PPSTIME | STA_PPSFREQ), false},
      {"TAI", call(ADJ_TAI), false},
      {"the loop's time constant", call(ADJ_TIMECONST), false},
      {"microseconds", call(ADJ_MICRO), false},
      {"nanoseconds", call(ADJ_NANO), false},
      {"a step in microseconds", call(ADJ_SETOFFSET), false},
      {"a step and a rate", call(ADJ_SETOFFSET | ADJ_NANO | ADJ_FREQUENCY), false},
      {"a frequency alone", call(ADJ_FREQUENCY), false},
      {"what adjtime leaves", call(ADJ_OFFSET_SS_READ), false},
      {"all", call(~0U), false},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    ListenerRights rights;
    CHECK(rights.allows(row.made, kNow) == row.is_allowed);
  }
}

TEST_CASE("rights of a listener: of all modes and pairs of modes, five may be") {
  ListenerRights rights;
  int allowed = 0;
  for (unsigned low = 0; low < 16; ++low) {
    for (unsigned high = low; high < 16; ++high) {
      if (rights.allows(call(1U << low | 1U << high), kNow)) ++allowed;
    }
  }
  // A status, with or without an empty offset; a rate; a correction; a step.
  CHECK(allowed == 5);
}

TEST_CASE("rights of a listener: steps are four at once, then one a minute") {
  ListenerRights rights;
  CHECK(steps_allowed(rights, kNow) == 4);
  CHECK(steps_allowed(rights, kNow + Duration::seconds(59)) == 0);
  CHECK(steps_allowed(rights, kNow + Duration::seconds(60)) == 1);
  CHECK(steps_allowed(rights, kNow + Duration::seconds(119)) == 0);
  CHECK(steps_allowed(rights, kNow + Duration::seconds(185)) == 2);
  CHECK(steps_allowed(rights, kNow + Duration::seconds(100'000)) == 4);
}

TEST_CASE("rights of a listener: what may not be done does not cost a step") {
  ListenerRights rights;
  for (int i = 0; i < 10; ++i) CHECK_FALSE(rights.allows(call(ADJ_SETOFFSET), kNow));
  CHECK(steps_allowed(rights, kNow) == 4);
}
