// SPDX-License-Identifier: MIT
#include "common/host/loop.hpp"

#include <sys/prctl.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <cstdlib>
#include <limits>
#include <string>
#include <utility>

namespace timecast {

namespace {

// Urgent data is what libuv calls an error queue that holds something.
constexpr int kReadyEvents = UV_READABLE | UV_PRIORITIZED;

}  // namespace

Loop::Loop() : log_{timecast::log} {
  const int status = uv_loop_init(&own_);
  if (status == 0) return;
  log(Level::error, system_error("cannot make an event loop", -status).text);
  std::abort();  // there is nothing to return an Error to, and nothing works without it
}

Loop::Loop(uv_loop_t* theirs, Log log) : loop_{theirs}, log_{std::move(log)} {}

Loop::~Loop() {
  if (loop_ != &own_) return;
  // Handles that were closed wait for their last turn, in which a callback's captures can close
  // further ones. An earlier stop() costs a turn.
  constexpr int kTurns = 16;
  int status = uv_loop_close(loop_);
  for (int turn = 0; turn < kTurns && status == UV_EBUSY; ++turn) {
    uv_run(loop_, UV_RUN_NOWAIT);
    status = uv_loop_close(loop_);
  }
  assert(status == 0 && "a handle outlives its loop");
}

void Loop::run() { uv_run(loop_, UV_RUN_DEFAULT); }

bool Loop::run_once() { return uv_run(loop_, UV_RUN_ONCE) != 0; }

void Loop::stop() noexcept { uv_stop(loop_); }

Result<PollHandle> PollHandle::start(Loop& loop, int fd, std::function<void()> on_ready) {
  return start(loop, State{&loop, fd, {}, std::move(on_ready)});
}

Result<PollHandle> PollHandle::start(Loop& loop, UniqueFd fd, std::function<void()> on_ready) {
  const int number = fd.get();
  return start(loop, State{&loop, number, std::move(fd), std::move(on_ready)});
}

Result<PollHandle> PollHandle::start(Loop& loop, State state) {
  const int fd = state.fd;
  PollHandle poll;
  int status = poll.handle_.init(
      std::move(state), [&](uv_poll_t* handle) { return uv_poll_init(loop.get(), handle, fd); });
  if (status == 0) status = uv_poll_start(poll.handle_.get(), kReadyEvents, on_poll);
  if (status == 0) return poll;
  return because(system_error("cannot watch descriptor " + std::to_string(fd), -status));
}

void PollHandle::resume() noexcept { uv_poll_start(handle_.get(), kReadyEvents, on_poll); }

// An error without urgent data makes libuv stop the handle and report UV_EBADF: a socket whose
// error queue and data came at once, a netlink queue that ran over. Reading clears it, so the
// handle goes on. It does not if reading never helps, or the loop would spin for ever.
void PollHandle::on_poll(uv_poll_t* handle, int status, int /*events*/) {
  constexpr int kFailuresInARow = 10'000;
  State& state = decltype(handle_)::state_of(handle);
  state.failures = status < 0 ? state.failures + 1 : 0;
  if (state.failures > kFailuresInARow) {
    state.loop->log(Level::error, "descriptor " + std::to_string(state.fd) +
                                      " is watched no longer: " + reason_of(-status) + ", " +
                                      std::to_string(kFailuresInARow) + " times in a row");
    return;
  }
  // Before the callback, which may close the handle.
  if (status < 0) uv_poll_start(handle, kReadyEvents, on_poll);
  state.on_ready();
}

namespace {

// Calls `on_expiry` when the timer has run out or was cancelled, but not when it was set anew
// between its expiry and its turn in the loop.
Result<PollHandle> watch_timer(Loop& loop, UniqueFd timer, std::function<void()> on_expiry) {
  const int fd = timer.get();
  return PollHandle::start(loop, std::move(timer), [fd, on_expiry = std::move(on_expiry)] {
    std::uint64_t expiries = 0;
    const bool expired = ::read(fd, &expiries, sizeof expiries) > 0 || errno == ECANCELED;
    if (expired) on_expiry();
  });
}

}  // namespace

Result<DeadlineTimer> DeadlineTimer::create(Loop& loop, std::function<void()> on_deadline) {
  UniqueFd timer{::timerfd_create(CLOCK_BOOTTIME, TFD_NONBLOCK | TFD_CLOEXEC)};
  if (!timer) return because(system_error("cannot make a timer on CLOCK_BOOTTIME", errno));
  auto poll = watch_timer(loop, std::move(timer), std::move(on_deadline));
  if (!poll) return because(poll.error());
  return DeadlineTimer{std::move(*poll)};
}

void DeadlineTimer::arm(Timestamp<Boot> deadline) noexcept {
  constexpr std::int64_t kNanoseconds = 1'000'000'000;
  // Zero would disarm it, and the kernel takes no time before the boot.
  const std::int64_t at_ns = std::max<std::int64_t>(deadline.since_epoch().count_ns(), 1);
  const itimerspec once{{}, {at_ns / kNanoseconds, at_ns % kNanoseconds}};
  ::timerfd_settime(poll_.fd(), TFD_TIMER_ABSTIME, &once, nullptr);
}

void DeadlineTimer::disarm() noexcept {
  const itimerspec never{};
  ::timerfd_settime(poll_.fd(), 0, &never, nullptr);
}

// A timer that never expires, but is cancelled when the clock is set.
Result<ClockStepWatch> ClockStepWatch::start(Loop& loop, std::function<void()> on_step) {
  constexpr int kFlags = TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET;
  UniqueFd timer{::timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK | TFD_CLOEXEC)};
  const itimerspec never{{}, {std::numeric_limits<time_t>::max(), 0}};
  if (!timer || ::timerfd_settime(timer.get(), kFlags, &never, nullptr) != 0) {
    return because(system_error("cannot watch the clock for steps", errno));
  }
  auto poll = watch_timer(loop, std::move(timer), std::move(on_step));
  if (!poll) return because(poll.error());
  return ClockStepWatch{std::move(*poll)};
}

Result<SignalHandle> SignalHandle::start(Loop& loop, int signal_number,
                                         std::function<void()> on_signal) {
  SignalHandle signal;
  int status = signal.handle_.init(std::move(on_signal), [&](uv_signal_t* handle) {
    return uv_signal_init(loop.get(), handle);
  });
  const auto call = [](uv_signal_t* handle, int /*number*/) {
    decltype(handle_)::state_of(handle)();
  };
  if (status == 0) status = uv_signal_start(signal.handle_.get(), call, signal_number);
  if (status == 0) return signal;
  return because(system_error("cannot catch signal " + std::to_string(signal_number), -status));
}

void set_timer_slack() noexcept { ::prctl(PR_SET_TIMERSLACK, 1UL); }

}  // namespace timecast
