// SPDX-License-Identifier: MIT
//
// <timecast/now.h> for C++: this host's bounded time, as timecast-listener publishes it.
//
//     timecast::SharedClock clock;
//     if (const auto now = clock.now()) use(now->time, now->bound);
//     else complain(clock.why());
//
// Units:   std::chrono; times are UTC on the system clock's epoch.
// Errors:  no value; why() has the words. It throws nothing.
// Threads: any, but one at a time for each SharedClock.
// Builds:  Linux, C++17; link timecast-now.
#pragma once

#include <chrono>
#include <memory>
#include <optional>

#include <timecast/now.h>

namespace timecast {

class SharedClock {
 public:
  using Nanoseconds = std::chrono::nanoseconds;
  using Time = std::chrono::time_point<std::chrono::system_clock, Nanoseconds>;

  struct Now {
    Time time;
    Time earliest;
    Time latest;
    Nanoseconds error;  // the truth is within it in 99.9 % of all cases
    Nanoseconds bound;  // ... always, unless the announcer or its clock is at fault
    timecast_state state = TIMECAST_LOST;
    timecast_reason reason = TIMECAST_NO_PAGE;
    timecast_leap leap = TIMECAST_LEAP_UNSYNCHRONISED;
    bool lateness_bounded = false;
  };

  // As timecast_open(): without a path the default places. There need be no page yet.
  explicit SharedClock(const char* path = nullptr) noexcept : clock_{timecast_open(path, &error_)} {
    last_.reason = TIMECAST_NO_PAGE;
  }

  // Nothing while there is no time to speak of.
  [[nodiscard]] std::optional<Now> now() noexcept {
    if (!clock_) return std::nullopt;  // there was no memory for it
    last_.size = sizeof last_;
    error_ = timecast_now(clock_.get(), &last_);
    if (error_ != 0) return std::nullopt;
    return Now{Time{Nanoseconds{last_.time_ns}},
               Time{Nanoseconds{last_.earliest_ns}},
               Time{Nanoseconds{last_.latest_ns}},
               Nanoseconds{last_.error_ns},
               Nanoseconds{last_.bound_ns},
               static_cast<timecast_state>(last_.state),
               static_cast<timecast_reason>(last_.reason),
               static_cast<timecast_leap>(last_.leap),
               last_.lateness_bounded != 0};
  }

  // Of the last now(): all that it was told, its error, and in words why it gave what it gave.
  [[nodiscard]] const timecast_time& last() const noexcept { return last_; }
  [[nodiscard]] int error() const noexcept { return error_; }
  [[nodiscard]] const char* why() const noexcept {
    const bool was_read = error_ == 0 || last_.reason != TIMECAST_NO_PAGE;
    return was_read ? timecast_reason_text(last_.reason) : timecast_error_text(error_);
  }

 private:
  struct Close {
    void operator()(timecast_clock* clock) const noexcept { timecast_close(clock); }
  };

  int error_ = 0;
  timecast_time last_{};
  std::unique_ptr<timecast_clock, Close> clock_;
};

}  // namespace timecast
