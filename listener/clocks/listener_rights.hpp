// SPDX-License-Identifier: MIT
//
// What a listener's keeper (common/host/clock_service.hpp) does to the clock when it is asked: what
// kernel_discipline.cpp asks for, and nothing else that adjtimex can do.
//
//     rate           ADJ_FREQUENCY | ADJ_TICK; the kernel has limits of its own
//     correction     ADJ_OFFSET_SINGLESHOT, as much as goes away in one second
//     step           ADJ_SETOFFSET | ADJ_NANO; four at once, then one a minute
//     word           ADJ_MAXERROR | ADJ_ESTERROR | ADJ_STATUS
//     taking over    ADJ_STATUS with ADJ_OFFSET 0, then ADJ_STATUS: a loop that another left
//
// A listener that was broken into can so set the clock wrong, which is in its hands, but not make
// it jump as often as it likes, nor pretend a loop, a pulse or TAI. The count of steps is this
// process's, which is started anew with its listener's service.
//
// Threads: one.
// Source:  adjtimex(2).
#pragma once

#include <sys/timex.h>

#include <timecast/time/timestamp.hpp>

namespace timecast {

class ListenerRights {
 public:
  static constexpr int kStepsAtOnce = 4;
  static constexpr Duration kStepEvery = Duration::seconds(60);

  // A step that is allowed counts as made.
  [[nodiscard]] bool allows(const timex& call, Timestamp<Boot> now) noexcept;

 private:
  [[nodiscard]] bool may_step(Timestamp<Boot> now) noexcept;

  int steps_left_ = kStepsAtOnce;
  Timestamp<Boot> since_;  // when the last one came to be left, as far as any is missing
};

}  // namespace timecast
