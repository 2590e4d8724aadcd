// SPDX-License-Identifier: MIT
#include "common/host/uv_handle.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <utility>

#include "common/host/loop.hpp"

using namespace timecast;

namespace {

// A state whose end can be seen: nobody else holds what it points to.
using Shared = std::shared_ptr<int>;
using Timer = UvHandle<uv_timer_t, Shared>;

int start_timer(Loop& loop, Timer& timer, Shared state) {
  return timer.init(std::move(state),
                    [&](uv_timer_t* handle) { return uv_timer_init(loop.get(), handle); });
}

}  // namespace

TEST_CASE("host uv handle: the callback finds the state of its handle") {
  Loop loop;
  const auto calls = std::make_shared<int>(0);
  Timer timer;
  REQUIRE(start_timer(loop, timer, calls) == 0);
  CHECK(timer);
  CHECK(timer.state() == calls);
  uv_timer_start(
      timer.get(), [](uv_timer_t* handle) { ++*Timer::state_of(handle); }, 0, 0);
  loop.run();
  CHECK(*calls == 1);
}

TEST_CASE("host uv handle: the state of a closed handle lives until the loop's next turn") {
  Loop loop;
  const auto state = std::make_shared<int>(0);
  {
    Timer timer;
    REQUIRE(start_timer(loop, timer, state) == 0);
  }
  CHECK(state.use_count() == 2);
  loop.run();
  CHECK(state.use_count() == 1);
}

TEST_CASE("host uv handle: a closed handle calls no more") {
  Loop loop;
  const auto calls = std::make_shared<int>(0);
  Timer timer;
  REQUIRE(start_timer(loop, timer, calls) == 0);
  uv_timer_start(
      timer.get(), [](uv_timer_t* handle) { ++*Timer::state_of(handle); }, 0, 0);
  timer.close();
  CHECK_FALSE(timer);
  CHECK(timer.get() == nullptr);
  loop.run();
  CHECK(*calls == 0);
}

TEST_CASE("host uv handle: a moved handle stays where libuv knows it") {
  Loop loop;
  const auto calls = std::make_shared<int>(0);
  Timer timer;
  REQUIRE(start_timer(loop, timer, calls) == 0);
  const uv_timer_t* const address = timer.get();
  uv_timer_start(
      timer.get(), [](uv_timer_t* handle) { ++*Timer::state_of(handle); }, 0, 0);
  const Timer moved = std::move(timer);
  CHECK(moved.get() == address);
  loop.run();
  CHECK(*calls == 1);
}

TEST_CASE("host uv handle: what libuv refuses is freed at once") {
  const auto state = std::make_shared<int>(0);
  Timer timer;
  CHECK(timer.init(state, [](uv_timer_t*) { return UV_ENOMEM; }) == UV_ENOMEM);
  CHECK_FALSE(timer);
  CHECK(state.use_count() == 1);
}
