// SPDX-License-Identifier: MIT
//
// A board for sensor_superloop.c that is a Linux host: CLOCK_BOOTTIME for a counter, a socket for a
// receiver, OpenSSL for Ed25519, a file for a memory.
//
// -include key.h -DSENSOR_KEYS=timecast_key has it trust what `timecast-announcer key show --c`
// printed to key.h. When it runs:
//
//     SENSOR_INTERFACE  address of the interface to listen on (default 127.0.0.1)
//     SENSOR_MEMORY     the file (default: none)
//     SENSOR_SECONDS    end after so long (default: never)
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <inttypes.h>
#include <net/if.h>
#include <netinet/in.h>
#include <openssl/evp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "examples/sensor_board.h"

static const char* setting(const char* name, const char* otherwise) {
  const char* value = getenv(name);
  return value == NULL ? otherwise : value;
}

int64_t board_counter_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_BOOTTIME, &now);
  return (int64_t)now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

static int open_receiver(void) {
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  int on = 1;
  struct sockaddr_in group = {.sin_family = AF_INET, .sin_port = htons(11123)};
  struct ip_mreq join;
  inet_pton(AF_INET, "239.255.123.124", &group.sin_addr);
  join.imr_multiaddr = group.sin_addr;
  inet_pton(AF_INET, setting("SENSOR_INTERFACE", "127.0.0.1"), &join.imr_interface);
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  setsockopt(fd, IPPROTO_IP, IP_RECVTTL, &on, sizeof on);
  if (bind(fd, (struct sockaddr*)&group, sizeof group) != 0 ||
      setsockopt(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &join, sizeof join) != 0) {
    perror("sensor: cannot listen");
    exit(1);
  }
  return fd;
}

// Until the counter is there, or something came.
static bool wait_until(int fd, int64_t at_ns) {
  struct pollfd wanted = {.fd = fd, .events = POLLIN};
  int64_t left_ms = (at_ns - board_counter_ns() + 999999) / 1000000;
  if (left_ms < 0) left_ms = 0;
  if (left_ms > 1000) left_ms = 1000;  // so that the time is told every second
  return poll(&wanted, 1, (int)left_ms) > 0;
}

static size_t take(int fd, uint8_t* octets, size_t room, timecast_listener_arrival* arrival) {
  struct sockaddr_in from;
  uint8_t control[64];
  struct iovec part = {.iov_base = octets, .iov_len = room};
  struct msghdr message = {.msg_name = &from,
                           .msg_namelen = sizeof from,
                           .msg_iov = &part,
                           .msg_iovlen = 1,
                           .msg_control = control,
                           .msg_controllen = sizeof control};
  ssize_t length = recvmsg(fd, &message, MSG_DONTWAIT);
  if (length <= 0) return 0;
  arrival->at_ns = board_counter_ns();
  arrival->interface = 1;
  arrival->from.family = arrival->to.family = 4;
  memcpy(arrival->from.octets, &from.sin_addr, 4);
  inet_pton(AF_INET, "239.255.123.124", arrival->to.octets);
  arrival->from_port = ntohs(from.sin_port);
  arrival->hop_limit = -1;
  for (struct cmsghdr* c = CMSG_FIRSTHDR(&message); c != NULL; c = CMSG_NXTHDR(&message, c)) {
    int ttl = -1;
    if (c->cmsg_level != IPPROTO_IP || c->cmsg_type != IP_TTL) continue;
    memcpy(&ttl, CMSG_DATA(c), sizeof ttl);
    arrival->hop_limit = (int16_t)ttl;
  }
  return (size_t)length;
}

// The receiver is off while nobody waits for it: what came meanwhile was not heard.
size_t board_receive(int64_t from_ns, int64_t listen_ns, uint8_t* octets, size_t room,
                     timecast_listener_arrival* arrival) {
  static int fd = -1;
  if (fd < 0) fd = open_receiver();
  if (from_ns > board_counter_ns()) {
    close(fd);
    fd = -1;
    while (board_counter_ns() < from_ns) wait_until(-1, from_ns);
    fd = open_receiver();
  }
  int64_t end_ns = listen_ns > INT64_MAX - from_ns ? INT64_MAX : from_ns + listen_ns;
  return wait_until(fd, end_ns) ? take(fd, octets, room, arrival) : 0;
}

int board_verify(const void* context, const uint8_t* key, const uint8_t* message, size_t length,
                 const uint8_t* signature) {
  (void)context;
  EVP_PKEY* ed25519 = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, key, 32);
  EVP_MD_CTX* check = EVP_MD_CTX_new();
  int holds = ed25519 != NULL && check != NULL &&
              EVP_DigestVerifyInit(check, NULL, NULL, NULL, ed25519) == 1 &&
              EVP_DigestVerify(check, signature, 64, message, length) == 1;
  EVP_MD_CTX_free(check);
  EVP_PKEY_free(ed25519);
  return holds;
}

const uint8_t* board_keys(uint32_t* count) {
#ifdef SENSOR_KEYS
  *count = sizeof SENSOR_KEYS / 32;
  return SENSOR_KEYS;
#else
  *count = 0;
  return NULL;
#endif
}

size_t board_load(uint8_t* octets, size_t room) {
  const char* name = getenv("SENSOR_MEMORY");
  FILE* file = name == NULL ? NULL : fopen(name, "rb");
  size_t length = file == NULL ? 0 : fread(octets, 1, room, file);
  if (file != NULL) fclose(file);
  return length;
}

void board_store(const uint8_t* octets, size_t length) {
  const char* name = getenv("SENSOR_MEMORY");
  FILE* file = name == NULL ? NULL : fopen(name, "wb");
  if (file == NULL) return;
  fwrite(octets, 1, length, file);
  fclose(file);
}

void board_on_time(const timecast_listener_time* time, int error) {
  static const char* const states[] = {"searching", "tentative", "synchronised", "holdover",
                                       "lost"};
  static const char* const reasons[] = {"nothing heard",
                                        "everything refused",
                                        "the announcer is unsynchronised",
                                        "few announcements",
                                        "delay unverified",
                                        "listening only",
                                        "not signed",
                                        "agreeing",
                                        "silence",
                                        "the bound is too large"};
  static int64_t end_ns = 0;
  if (end_ns == 0) {
    end_ns = board_counter_ns() + INT64_C(1000000000) * atoi(setting("SENSOR_SECONDS", "1000000"));
  }
  if (error != 0) {
    printf("%s (%s): %s\n", states[time->state], reasons[time->reason],
           timecast_listener_error_text(error));
  } else {
    printf("%s (%s): %" PRId64 ".%09" PRId64 " +-%.6f s (99.9 %%: %.6f s)\n", states[time->state],
           reasons[time->reason], time->time_ns / 1000000000, time->time_ns % 1000000000,
           (double)time->bound_ns * 1e-9, (double)time->error_ns * 1e-9);
  }
  fflush(stdout);
  if (board_counter_ns() >= end_ns) exit(0);
}
