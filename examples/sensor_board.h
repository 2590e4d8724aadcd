// SPDX-License-Identifier: MIT
//
// What sensor_superloop.c needs of a board. sensor_board_linux.c has it for Linux.
#pragma once

#include <timecast/listener.h>

// A counter that is never set and runs on in sleep, in nanoseconds.
int64_t board_counter_ns(void);

// Has the receiver on from `from_ns` on, for `listen_ns` at most, in the group 239.255.123.124,
// port 11123, and sleeps until then. The length of a datagram, 0 if none came. `arrival` but its
// size.
size_t board_receive(int64_t from_ns, int64_t listen_ns, uint8_t* octets, size_t room,
                     timecast_listener_arrival* arrival);

// Ed25519, by the board's own library.
int board_verify(const void* context, const uint8_t* key, const uint8_t* message, size_t length,
                 const uint8_t* signature);

// Those of the announcers to trust, 32 octets each, as `timecast-announcer key show --c` prints
// them. Without any the first one that is heard is trusted.
const uint8_t* board_keys(uint32_t* count);

// Some hundred octets that outlast a loss of power. How many there are, 0 if none.
size_t board_load(uint8_t* octets, size_t room);
void board_store(const uint8_t* octets, size_t length);

// What the board does with the time, once a datagram or a wait.
void board_on_time(const timecast_listener_time* time, int error);
