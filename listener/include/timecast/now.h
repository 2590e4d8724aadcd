// SPDX-License-Identifier: MIT
//
// What time is it, and how well is that known: the bounded time that timecast-listener publishes on
// a page of memory that every program of its host may read. For C99 and C++.
//
//     timecast_clock *clock = timecast_open(NULL, NULL);
//     struct timecast_time now;
//     now.size = sizeof now;
//     int error = timecast_now(clock, &now);
//     if (error == 0) use(now.time_ns, now.earliest_ns, now.latest_ns);
//     else complain(timecast_error_text(error), timecast_reason_text(now.reason));
//
// Units:   nanoseconds (_ns). Times are UTC since the Unix epoch and may be before or after this
//          host's CLOCK_REALTIME, which nothing here reads.
// Errors:  0, or the negative of an errno value; whoever looks at nothing else is never given a
//          time that is not known any more.
// Threads: any, but one at a time for each timecast_clock. timecast_now() may be called from a
//          signal handler that does not interrupt another call for the same clock.
// Builds:  Linux; the library needs the C library alone.
// Source:  docs/shared-page.md draws the page.
#pragma once

#include <stdint.h>

#if defined(__GNUC__)
#define TIMECAST_API __attribute__((visibility("default")))
#else
#define TIMECAST_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

// NOLINTBEGIN(readability-identifier-naming): C's names.

enum timecast_state {
  TIMECAST_SEARCHING = 0,     // nothing heard that could be believed: no time
  TIMECAST_TENTATIVE = 1,     // following an announcer whose delay is only assumed
  TIMECAST_SYNCHRONISED = 2,  // the delay was measured, and three announcements agree
  TIMECAST_HOLDOVER = 3,      // announcer or daemon is silent; error and bound grow
  TIMECAST_LOST = 4           // no time any more
};

// timecast_reason_text() has the sentences.
enum timecast_reason {
  TIMECAST_NOTHING_HEARD = 0,
  TIMECAST_EVERYTHING_REFUSED = 1,
  TIMECAST_ANNOUNCER_UNSYNCHRONISED = 2,
  TIMECAST_FEW_ANNOUNCEMENTS = 3,
  TIMECAST_DELAY_UNVERIFIED = 4,
  TIMECAST_LISTEN_ONLY = 5,
  TIMECAST_NOT_SIGNED = 6,
  TIMECAST_AGREEING = 7,
  TIMECAST_SILENCE = 8,
  TIMECAST_BOUND_TOO_LARGE = 9,
  TIMECAST_ANNOUNCERS_DISAGREE = 10,
  // What the reader finds by itself.
  TIMECAST_NO_PAGE = 100,        // there is none that could be read
  TIMECAST_DAEMON_SILENT = 101,  // nothing written for 3 s: it has ended, or hangs
  TIMECAST_EXPIRED = 102,        // valid_until_ns has passed
  TIMECAST_SUSPENDED = 103,      // this host slept since the page was written
  TIMECAST_CLOCKS_DIFFER = 104   // the page's clocks are not this process's
};

enum timecast_leap {
  TIMECAST_LEAP_NONE = 0,
  TIMECAST_LEAP_INSERT = 1,  // the announcer's day ends with a second more
  TIMECAST_LEAP_DELETE = 2,
  TIMECAST_LEAP_UNSYNCHRONISED = 3
};

// The same octets for 32 and 64 bits. It may grow at its end.
struct timecast_time {
  uint32_t size;    // in: sizeof(struct timecast_time); out: how much of it is filled
  uint32_t state;   // enum timecast_state
  uint32_t reason;  // enum timecast_reason: why the state is what it is
  uint32_t leap;    // enum timecast_leap

  // Zero unless timecast_now() returned 0. time_ns is the best guess at the instant of the call.
  int64_t time_ns;
  int64_t earliest_ns;  // time_ns - bound_ns: it is not earlier
  int64_t latest_ns;    // time_ns + bound_ns: nor later
  int64_t error_ns;     // the truth is within it in 99.9 % of all cases
  int64_t bound_ns;     // ... always, unless the announcer or its clock is at fault

  int64_t valid_until_ns;     // CLOCK_BOOTTIME: when there is no time, if nothing more is written
  int64_t age_ns;             // since the daemon wrote; it does every second
  int64_t daemon_started_ns;  // CLOCK_BOOTTIME; another value: it was started again

  uint32_t
      lateness_bounded;  // 0: announcements may be held back, the time is late by no known limit
  uint32_t reserved;
};

typedef struct timecast_clock timecast_clock;

// A clock that reads this page; NULL: the one in /run/timecast-listener or
// $XDG_RUNTIME_DIR/timecast-listener that was written last. `timecast-listener status` names it.
// Where there is none yet the clock looks for it at most once a second, as it does when the daemon
// is started again: *error, if error is not NULL, says what is missing now (0: nothing).
// Returns NULL only with -ENOMEM. No other function allocates.
TIMECAST_API timecast_clock* timecast_open(const char* path, int* error);

// May be NULL.
TIMECAST_API void timecast_close(timecast_clock* clock);

// Fills *out. Never waits. Returns 0 if there is a time: the state is tentative, synchronised or
// holdover. Otherwise
//   -ENODATA  there is none: state and reason say why
//   -ENOENT   there is no page: no daemon has been here
//   -EPROTO   the file is no page, or of a version that this library does not know
//   -ESTALE   the page was written before this host was started, or in another time namespace
//   -EAGAIN   the page changed a hundred times while it was read; ask again
//   -EINVAL   clock or out is NULL, or out->size is too small; *out is untouched
// or what open(2) or mmap(2) failed with. errno is kept.
TIMECAST_API int timecast_now(timecast_clock* clock, struct timecast_time* out);

// Sentences without a full stop, of static storage; never NULL.
TIMECAST_API const char* timecast_error_text(int error);
TIMECAST_API const char* timecast_state_text(uint32_t state);
TIMECAST_API const char* timecast_reason_text(uint32_t reason);

// The library's, as "0.1.0".
TIMECAST_API const char* timecast_now_version(void);

// NOLINTEND(readability-identifier-naming)

#ifdef __cplusplus
}
#endif
