// SPDX-License-Identifier: MIT
//
// The listener for firmware: announcements in, bounded time out. For C99 and C++.
//
//     static timecast_listener listener;                       // its memory, and all of it
//     timecast_listener_config config = {.size = sizeof config};
//     timecast_listener_defaults(&config);
//     config.signatures = TIMECAST_LISTENER_PINNED;            // and keys, verify
//     int error = timecast_listener_init(&listener, sizeof listener, &config);
//
//     error = timecast_listener_on_datagram(&listener, octets, length, &arrival);
//     error = timecast_listener_now(&listener, counter_ns(), &time);
//
// Clock:   every instant (parameters and members that end in _ns) is a reading of one counter of
//          the board, in nanoseconds since any beginning. It is never set or steered, does not
//          wrap (widen it to 64 bits), and runs on while the board sleeps. Its rate may be off by
//          500 ppm; what counts is that it is steady. Has it stopped or begun anew: save, init,
//          restore.
// Memory:  the caller's; nothing is allocated. It holds pointers into itself: neither copy nor move
//          it. Keys and contexts of the configuration are not copied: they must outlive it.
// Units:   int64_t nanoseconds (_ns), parts per trillion (_ppt). Times are UTC since 1970.
// Errors:  0 or more is success, negative a TIMECAST_LISTENER_E_...; outputs are untouched then,
//          but where said otherwise.
// Sizes:   structs start with their `size`, which the caller sets to sizeof. Another size than the
//          library knows is refused.
// Threads: one at a time for each listener. No function waits.
// Builds:  C99 and C++; freestanding: the library needs memcpy and its like, sqrt, and doubles in
//          software where there is no hardware for them.
// Source:  docs/embedding.md.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <timecast/listener_types.h>

#ifdef __cplusplus
extern "C" {
#endif

// NOLINTBEGIN(readability-identifier-naming,modernize-use-using): C's names.

// MINOR grows with what is added, MAJOR with what is changed. 1.1: on_announcement.
#define TIMECAST_LISTENER_VERSION_MAJOR 1
#define TIMECAST_LISTENER_VERSION_MINOR 1

// How many announcers are followed at once: as the library was built. init compares.
#ifndef TIMECAST_MAX_ANNOUNCERS
#define TIMECAST_MAX_ANNOUNCERS 12
#endif
#define TIMECAST_LISTENER_OCTETS (1024 + 1408 * TIMECAST_MAX_ANNOUNCERS)

typedef union timecast_listener {
  int64_t aligned;
  unsigned char octets[TIMECAST_LISTENER_OCTETS];
} timecast_listener;

// Writes what a configuration is if nothing is said: first use, asking, 100 us +-10 ms of delay.
int timecast_listener_defaults(timecast_listener_config* config);
// `octets` is the size of the memory at `self`. Begins anew, also a second time.
int timecast_listener_init(timecast_listener* self, size_t octets,
                           const timecast_listener_config* config);

// Anything that came from the network. 0: taken; 1: refused, counted, and nothing else changed.
int timecast_listener_on_datagram(timecast_listener* self, const void* octets, size_t length,
                                  const timecast_listener_arrival* arrival);
// The same for who never asks: a reply is refused as unsolicited. REQUIRES listen_only 1, else
// E_ARGUMENT: who waits for answers would never trust anybody. Firmware that calls this, and neither
// on_datagram nor on_deadline, is linked without what asking takes (with --gc-sections).
int timecast_listener_on_announcement(timecast_listener* self, const void* octets, size_t length,
                                      const timecast_listener_arrival* arrival);
// 1: `query` is to be sent; 0: nothing is to be done.
int timecast_listener_on_deadline(timecast_listener* self, int64_t now_ns,
                                  timecast_listener_query* query);
// When on_deadline is next due; INT64_MAX if it is not wanted.
int timecast_listener_next_deadline(const timecast_listener* self, int64_t* at_ns);
// The counter right before the query was sent, or its card's stamp.
int timecast_listener_on_query_sent(timecast_listener* self, uint32_t token, int64_t at_ns);

// Of this or a recent instant. Where there is no time (E_NO_TIME) state and reason are filled, and
// the rest is zero.
int timecast_listener_now(const timecast_listener* self, int64_t at_ns,
                          timecast_listener_time* out);
// To be asked after each datagram and at the end of each wait.
int timecast_listener_next_wake(timecast_listener* self, int64_t now_ns,
                                timecast_listener_wake* out);
int timecast_listener_get_status(const timecast_listener* self, int64_t at_ns,
                                 timecast_listener_status* out);

// Frequency, floor (the latest time that was believed: older announcements are records) and the
// keys that count, to be kept over a restart. Returns how many octets were written, at most this
// many.
#define TIMECAST_LISTENER_SAVED_OCTETS 296
int timecast_listener_save(const timecast_listener* self, void* out, size_t room);
// Right after init. What cannot be restored changes nothing. An announcer whose clock was set back
// is not heard below the floor: then begin without.
int timecast_listener_restore(timecast_listener* self, const void* saved, size_t length);

// The library's: major version times 65536, plus minor. init checks nothing of it.
uint32_t timecast_listener_version(void);
// Of static storage; never NULL.
const char* timecast_listener_error_text(int error);
const char* timecast_listener_refusal_text(uint32_t reason);

// NOLINTEND(readability-identifier-naming,modernize-use-using)

#ifdef __cplusplus
}
#endif
