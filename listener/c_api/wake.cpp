// SPDX-License-Identifier: MIT
//
// When a board that sleeps must listen. It begins by listening all the time. Later it wakes for as
// many announcements as tell something: two in a row, because the second one says when the first
// one truly left; one where none says so. It wakes a moment before one is due by those it has
// heard, because they come on a grid. If they are lost the board sleeps on.

#include <algorithm>

#include "listener/c_api/instance.hpp"

namespace timecast::c_api {
namespace {

// Announcements leave up to 10 ms early or late, the last one too, and that one may have been
// delayed.
constexpr Duration kGuard = Duration::milliseconds(30);
// Where nothing is heard there is nothing to wait for: as long as it takes.
constexpr Duration kEndless = Duration::max();

// The last announcement that is due before `latest`, on the board's clock.
Timestamp<Boot> due_before(const Instance& listener, Timestamp<Boot> latest) noexcept {
  const Source* const source = listener.core.followed();
  const Duration interval = source == nullptr ? Duration{} : source->interval;
  if (interval <= Duration{} || latest < listener.last_heard) return latest;
  const Duration announced = interval - source->estimator.frequency().over(interval);
  const std::int64_t count = (latest - listener.last_heard).count_ns() / announced.count_ns();
  return listener.last_heard + announced * count;
}

// Whether something was learnt since the receiver was switched on.
bool has_heard(const Instance& listener, Timestamp<Boot> since) noexcept {
  const Source* const source = listener.core.followed();
  return source != nullptr && source->estimator.newest().since_epoch() >= since.since_epoch();
}

bool has_learnt(const Instance& listener, Timestamp<Boot> now) noexcept {
  const Duration learn = Duration::nanoseconds(listener.config.learn_ns);
  return listener.first_heard && now - *listener.first_heard >= learn;
}

}  // namespace

timecast_listener_wake next_wake(Instance& listener, Timestamp<Boot> now) noexcept {
  const Duration sleep = Duration::nanoseconds(listener.config.sleep_ns);
  const Duration most = Duration::nanoseconds(listener.config.listen_ns);
  timecast_listener_wake wake{sizeof(timecast_listener_wake), 0, now.since_epoch().count_ns(),
                              kEndless.count_ns()};
  if (sleep == Duration{} || !listener.first_heard) return wake;
  if (!has_learnt(listener, now)) {
    const Duration learn = Duration::nanoseconds(listener.config.learn_ns);
    wake.listen_ns = (*listener.first_heard + learn - now).count_ns();
    return wake;
  }
  // The first sleep counts from the end of learning.
  const Timestamp<Boot> before = listener.wake.value_or(now);
  if (!listener.wake || has_heard(listener, before) || now >= before + most) {
    const Timestamp<Boot> due = due_before(listener, std::max(before + kGuard * 2 + sleep, now));
    listener.wake = std::max(due - kGuard, now);
  }
  wake.at_ns = std::max(*listener.wake, now).since_epoch().count_ns();
  wake.listen_ns = (*listener.wake + most).since_epoch().count_ns() - wake.at_ns;
  return wake;
}

}  // namespace timecast::c_api
