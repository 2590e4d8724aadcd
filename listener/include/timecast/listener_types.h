// SPDX-License-Identifier: MIT
//
// What is passed to the listener for firmware and what comes back. Included by
// <timecast/listener.h>, which has the rules.
//
// Units:   int64_t nanoseconds (_ns), parts per trillion (_ppt).
// Builds:  C99 and C++; freestanding.
#pragma once

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// NOLINTBEGIN(readability-identifier-naming,modernize-use-using): C's names.

enum timecast_listener_error {
  TIMECAST_LISTENER_E_ARGUMENT = -1,  // NULL, a struct of unknown size, or no init before
  TIMECAST_LISTENER_E_MEMORY = -2,    // too small for this library, or not aligned to 8 octets
  TIMECAST_LISTENER_E_CONFIG = -3,    // a value out of its range
  TIMECAST_LISTENER_E_VERIFY = -4,    // signatures are to count and nothing checks them
  TIMECAST_LISTENER_E_KEYS = -5,      // pinned without a key, or more than eight
  TIMECAST_LISTENER_E_RANDOM = -6,    // queries need unpredictable octets, or listen_only
  TIMECAST_LISTENER_E_NO_TIME = -7,   // none is known: state and reason say why
  TIMECAST_LISTENER_E_SPACE = -8,     // the buffer is too small
  TIMECAST_LISTENER_E_DAMAGED = -9,   // these octets are not what save wrote
  TIMECAST_LISTENER_E_VERSION = -10,  // saved by a version that this one does not know
  TIMECAST_LISTENER_E_LATE = -11      // restore comes before the first announcement
};

enum timecast_listener_signatures {
  TIMECAST_LISTENER_FIRST_USE = 0,  // the keys heard in the first ten minutes count from then on
  TIMECAST_LISTENER_PINNED = 1,     // the configured keys alone
  TIMECAST_LISTENER_UNSIGNED = 2    // nothing is checked: anybody on the network can set the time
};

enum timecast_listener_state {
  TIMECAST_LISTENER_SEARCHING = 0,     // nothing heard that could be believed: no time
  TIMECAST_LISTENER_TENTATIVE = 1,     // following an announcer whose delay is only assumed
  TIMECAST_LISTENER_SYNCHRONISED = 2,  // the delay was measured, and three announcements agree
  TIMECAST_LISTENER_HOLDOVER = 3,      // nothing heard for three intervals; the bound grows
  TIMECAST_LISTENER_LOST = 4           // the bound has passed its limit: no time any more
};

enum timecast_listener_reason {
  TIMECAST_LISTENER_NOTHING_HEARD = 0,
  TIMECAST_LISTENER_EVERYTHING_REFUSED = 1,
  TIMECAST_LISTENER_ANNOUNCER_UNSYNCHRONISED = 2,
  TIMECAST_LISTENER_FEW_ANNOUNCEMENTS = 3,
  TIMECAST_LISTENER_DELAY_UNVERIFIED = 4,
  TIMECAST_LISTENER_LISTEN_ONLY = 5,
  TIMECAST_LISTENER_NOT_SIGNED = 6,
  TIMECAST_LISTENER_AGREEING = 7,
  TIMECAST_LISTENER_SILENCE = 8,
  TIMECAST_LISTENER_BOUND_TOO_LARGE = 9,
  TIMECAST_LISTENER_ANNOUNCERS_DISAGREE = 10
};

// Whether `signature` (64 octets) is the Ed25519 signature of the message by `key` (32 octets):
// pure, RFC 8032. Not 0: it is.
typedef int (*timecast_listener_verify)(const void* context, const uint8_t* key,
                                        const uint8_t* message, size_t length,
                                        const uint8_t* signature);
// Unpredictable octets, of a cryptographic generator.
typedef void (*timecast_listener_random)(void* context, uint8_t* out, size_t length);

typedef struct timecast_listener_config {
  uint32_t size;
  uint32_t signatures;              // enum timecast_listener_signatures
  timecast_listener_verify verify;  // REQUIRED unless TIMECAST_LISTENER_UNSIGNED
  const void* verify_context;
  timecast_listener_random random;  // REQUIRED unless listen_only
  void* random_context;
  const uint8_t* keys;   // key_count times 32 octets: `timecast-announcer key show --c`
  uint32_t key_count;    // at most 8
  uint32_t listen_only;  // 1: never ask; the delay stays an assumption and the state tentative
  uint32_t hear_plain;   // 1: also what carries no announcement field, as of any NTP server
  uint32_t reserved;     // 0
  // One way from the announcer's network card to the counter's reading, and how wrong that may be:
  // where nobody is asked the bound is as good as these.
  int64_t delay_ns;
  int64_t delay_uncertainty_ns;
  int64_t stamp_error_ns;  // how much earlier than `at_ns` a datagram may have arrived; a tick
  int64_t not_before_ns;   // UTC that has certainly passed: nothing older is believed
  int64_t max_bound_ns;    // beyond it there is no time to speak of
  // For next_wake: so long it listens first, so often it wakes then (0: never sleeps), and so long
  // it listens at most each time.
  int64_t learn_ns;
  int64_t sleep_ns;
  int64_t listen_ns;
} timecast_listener_config;

typedef struct timecast_listener_address {
  uint32_t family;     // 4 or 6
  uint8_t octets[16];  // network order; of IPv4 the first four
} timecast_listener_address;

typedef struct timecast_listener_arrival {
  uint32_t size;
  uint32_t interface;  // any number; the same one for the same link
  int64_t at_ns;
  timecast_listener_address from;
  timecast_listener_address to;  // the group, or this board's own address
  uint16_t from_port;
  int16_t hop_limit;  // TTL; negative: the board cannot tell
  uint32_t reserved;  // 0
} timecast_listener_arrival;

// To be sent, from a fresh random port, before the next call.
typedef struct timecast_listener_query {
  uint32_t size;
  uint32_t token;  // for on_query_sent
  const uint8_t* octets;
  size_t length;
  timecast_listener_address to;
  uint32_t to_port;
  uint32_t interface;
} timecast_listener_query;

typedef struct timecast_listener_time {
  uint32_t size;
  uint32_t state;             // enum timecast_listener_state
  uint32_t reason;            // enum timecast_listener_reason: why the state is what it is
  uint32_t lateness_bounded;  // 0: announcements may be held back, and the time late without limit
  int64_t time_ns;            // the best guess at the instant asked for
  int64_t earliest_ns;        // time_ns - bound_ns: it is not earlier
  int64_t latest_ns;          // time_ns + bound_ns: nor later
  int64_t error_ns;           // the truth is within it in 99.9 % of all cases
  int64_t bound_ns;           // always, unless the announcer or its clock is at fault
} timecast_listener_time;

typedef struct timecast_listener_wake {
  uint32_t size;
  uint32_t reserved;
  int64_t at_ns;      // when to have the receiver on; already past: now
  int64_t listen_ns;  // how long from then on, at most: until next_wake tells another instant
} timecast_listener_wake;

typedef struct timecast_listener_status {
  uint32_t size;
  uint32_t state;
  uint32_t reason;
  uint32_t lateness_bounded;
  int64_t frequency_ppt;  // how much faster the announcer's clock runs than the counter
  int64_t frequency_error_ppt;
  int64_t delay_ns;       // one way, of announcements
  int64_t round_trip_ns;  // the least seen; 0 before the first exchange
  int64_t interval_ns;    // between the announcements that are followed
  int64_t root_distance_ns;
  int64_t valid_until_ns;  // when the bound will pass its limit if nothing more is heard
  uint32_t announcements;  // admitted
  uint32_t exchanges;
  uint32_t queries;
  uint32_t announcers;  // heard at present
  uint32_t refused;     // datagrams
  uint32_t most_often;  // why: timecast_listener_refusal_text()
  uint32_t stratum;
  uint32_t plain;  // the announcer that is followed signs nothing
  timecast_listener_address announcer;
  uint8_t key[32];
} timecast_listener_status;

// NOLINTEND(readability-identifier-naming,modernize-use-using)

#ifdef __cplusplus
}
#endif
