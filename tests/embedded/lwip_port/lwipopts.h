// SPDX-License-Identifier: MIT
//
// lwIP without an operating system, for what its SNTP client weighs on a microcontroller.
#pragma once

#include <stdint.h>

#define NO_SYS 1
#define SYS_LIGHTWEIGHT_PROT 0
#define LWIP_SOCKET 0
#define LWIP_NETCONN 0
#define LWIP_DNS 0

void board_set_time(uint32_t seconds, uint32_t microseconds);
#define SNTP_SET_SYSTEM_TIME_US(s, us) board_set_time(s, us)
