// SPDX-License-Identifier: MIT
//
// A device of the installed base: lwIP with its SNTP client in listen-only mode.
//
//   lwip_listener ADDRESS NETMASK [GROUP]
//
// Joins the group, if one is named. Prints "listening", then a line for each time that lwIP sets:
// that time and this host's, in microseconds of Unix time. The tap is named by PRECONFIGURED_TAPIF.
//
// Builds: by tests/network/lwip_test.py, where lwIP's library and the source of its client are.

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <lwip/apps/sntp.h>
#include <lwip/igmp.h>
#include <lwip/netif.h>
#include <lwip/tcpip.h>
#include <netif/tapif.h>

// What a device's clock driver would do.
static void set_time(uint32_t seconds, uint32_t microseconds) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  printf("%" PRIu64 " %" PRIu64 "\n", seconds * UINT64_C(1000000) + microseconds,
         (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000);
}
#define SNTP_SET_SYSTEM_TIME_US(seconds, microseconds) set_time(seconds, microseconds)
#include <sntp.c>

struct setting {
  ip4_addr_t address, netmask, group;
  bool joins;
  struct netif netif;
};

static void start(void* argument) {
  struct setting* const setting = argument;
  ip4_addr_t no_gateway;
  ip4_addr_set_zero(&no_gateway);
  netif_add(&setting->netif, &setting->address, &setting->netmask, &no_gateway, NULL, tapif_init,
            tcpip_input);
  netif_set_default(&setting->netif);
  netif_set_up(&setting->netif);
  if (setting->joins && igmp_joingroup_netif(&setting->netif, &setting->group) != ERR_OK) {
    fputs("lwip_listener: cannot join the group\n", stderr);
    exit(1);
  }
  sntp_setoperatingmode(SNTP_OPMODE_LISTENONLY);
  sntp_init();
  puts("listening");
}

int main(int count, char** arguments) {
  static struct setting setting;
  const bool understood = count >= 3 && count <= 4 &&
                          ip4addr_aton(arguments[1], &setting.address) &&
                          ip4addr_aton(arguments[2], &setting.netmask) &&
                          (count == 3 || ip4addr_aton(arguments[3], &setting.group));
  if (!understood) {
    fputs("usage: lwip_listener ADDRESS NETMASK [GROUP]\n", stderr);
    return 2;
  }
  setting.joins = count == 4;
  setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
  tcpip_init(start, &setting);
  for (;;) pause();
}
