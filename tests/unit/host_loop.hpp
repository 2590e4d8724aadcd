// SPDX-License-Identifier: MIT
//
// Running an event loop in a test.
#pragma once

#include <doctest/doctest.h>

#include <functional>

#include "common/host/host_clock.hpp"
#include "common/host/loop.hpp"

namespace timecast {

// Runs the loop until the condition holds; false if it still does not after a time that is long
// enough for any loaded machine.
inline bool run_until(Loop& loop, const std::function<bool()>& condition) {
  bool late = false;
  auto limit = DeadlineTimer::create(loop, [&] { late = true; });
  REQUIRE(limit);
  limit->arm(boot_now() + Duration::seconds(60));
  while (!late && !condition()) loop.run_once();
  return condition();
}

// Gives the loop the time to do what it must not do.
inline void run_for(Loop& loop, Duration span) {
  bool over = false;
  auto timer = DeadlineTimer::create(loop, [&] { over = true; });
  REQUIRE(timer);
  timer->arm(boot_now() + span);
  while (!over) loop.run_once();
}

}  // namespace timecast
