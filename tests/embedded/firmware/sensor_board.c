// SPDX-License-Identifier: MIT
//
// A board without anything, so that what is linked is the sensor alone.
#include "examples/sensor_board.h"

int64_t board_counter_ns(void) { return 0; }
size_t board_receive(int64_t f, int64_t l, uint8_t* o, size_t r, timecast_listener_arrival* a) {
  (void)f;
  (void)l;
  (void)o;
  (void)r;
  (void)a;
  return 0;
}
int board_verify(const void* c, const uint8_t* k, const uint8_t* m, size_t l, const uint8_t* s) {
  (void)c;
  (void)k;
  (void)m;
  (void)l;
  (void)s;
  return 0;
}
size_t board_load(uint8_t* o, size_t r) {
  (void)o;
  (void)r;
  return 0;
}
void board_store(const uint8_t* o, size_t l) {
  (void)o;
  (void)l;
}
void board_on_time(const timecast_listener_time* t, int e) {
  (void)t;
  (void)e;
}
const uint8_t* board_keys(uint32_t* count) {
  *count = 0;
  return 0;
}
