// SPDX-License-Identifier: MIT
//
// The event loop: what is readable, when it is time, which signal came. Thin over libuv; whoever
// needs more takes get().
//
//     Loop loop;
//     auto timer = DeadlineTimer::create(loop, [&] { loop.stop(); });
//     timer->arm(boot_now() + Duration::milliseconds(10));
//     loop.run();
//
// Callbacks are destroyed by the loop after their owner, so they may destroy it.
//
// Errors:  creating a handle: an Error (no descriptors left, a descriptor that cannot be polled).
// Threads: one thread for a loop and all its handles. Handles go before their loop.
#pragma once

#include <uv.h>

#include <functional>
#include <string_view>

#include <timecast/time/timestamp.hpp>

#include "common/host/error.hpp"
#include "common/host/log.hpp"
#include "common/host/unique_fd.hpp"
#include "common/host/uv_handle.hpp"

namespace timecast {

class Loop {
 public:
  using Log = std::function<void(Level, std::string_view)>;

  Loop();
  // A guest in a loop that somebody else runs and closes, and who wants to hear himself what
  // happens in it. A handle's memory is freed a turn of that loop after the handle has gone.
  Loop(uv_loop_t* theirs, Log log);
  ~Loop();  // REQUIRES: no handle of this loop is left
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;
  Loop(Loop&&) = delete;
  Loop& operator=(Loop&&) = delete;

  void run();            // until stop(), or until nothing is left to wait for
  bool run_once();       // waits for one event; false if nothing is left to wait for
  void stop() noexcept;  // from a callback: run() returns after it
  [[nodiscard]] uv_loop_t* get() noexcept { return loop_; }

  // For all that works in this loop.
  void log(Level level, std::string_view text) const { log_(level, text); }

 private:
  uv_loop_t own_{};  // unless a guest
  uv_loop_t* loop_ = &own_;
  Log log_;
};

// Calls whenever the descriptor is readable or has something in its error queue. The callback must
// read both until nothing is left; it is called again at once otherwise.
class PollHandle {
 public:
  // The descriptor stays the caller's, who closes it after this handle has gone.
  [[nodiscard]] static Result<PollHandle> start(Loop& loop, int fd, std::function<void()> on_ready);
  [[nodiscard]] static Result<PollHandle> start(Loop& loop, UniqueFd fd,
                                                std::function<void()> on_ready);
  [[nodiscard]] int fd() const noexcept { return handle_.state().fd; }

  // Not watched until resume(). As long as a socket is watched, each datagram that has left wakes
  // the loop's queue in vain, a twelfth of what sending it costs.
  void pause() noexcept { uv_poll_stop(handle_.get()); }
  void resume() noexcept;

 private:
  struct State {
    Loop* loop = nullptr;
    int fd = -1;
    UniqueFd owned;  // the same, or none
    std::function<void()> on_ready;
    int failures = 0;  // in a row
  };
  static Result<PollHandle> start(Loop& loop, State state);
  static void on_poll(uv_poll_t* handle, int status, int events);
  UvHandle<uv_poll_t, State> handle_;
};

// Calls once at an instant of CLOCK_BOOTTIME. A timerfd and not a uv_timer, which counts whole
// milliseconds of a clock that stands still while the machine sleeps.
class DeadlineTimer {
 public:
  [[nodiscard]] static Result<DeadlineTimer> create(Loop& loop, std::function<void()> on_deadline);
  void arm(Timestamp<Boot> deadline) noexcept;  // replaces the last; the past calls at once
  void disarm() noexcept;

 private:
  explicit DeadlineTimer(PollHandle poll) noexcept : poll_{std::move(poll)} {}
  PollHandle poll_;
};

// Calls when CLOCK_REALTIME was set or the machine woke up: stamps from before it are worthless.
// Slewing does not count.
class ClockStepWatch {
 public:
  [[nodiscard]] static Result<ClockStepWatch> start(Loop& loop, std::function<void()> on_step);

 private:
  explicit ClockStepWatch(PollHandle poll) noexcept : poll_{std::move(poll)} {}
  PollHandle poll_;
};

class SignalHandle {
 public:
  [[nodiscard]] static Result<SignalHandle> start(Loop& loop, int signal_number,
                                                  std::function<void()> on_signal);

 private:
  using State = std::function<void()>;
  UvHandle<uv_signal_t, State> handle_;
};

// By default the kernel may wake this thread 50 us late, to save power.
void set_timer_slack() noexcept;

}  // namespace timecast
