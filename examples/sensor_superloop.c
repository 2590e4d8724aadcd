// SPDX-License-Identifier: MIT
//
// A sensor that only listens, learns for five minutes, and wakes every ten minutes then.
#include "examples/sensor_board.h"

static timecast_listener listener;

static int begin(void) {
  uint8_t saved[TIMECAST_LISTENER_SAVED_OCTETS];
  size_t length = board_load(saved, sizeof saved);
  timecast_listener_config config = {.size = sizeof config};
  timecast_listener_defaults(&config);
  config.verify = board_verify;
  config.keys = board_keys(&config.key_count);
  config.listen_only = 1;
  config.sleep_ns = INT64_C(600000000000);
  int error = timecast_listener_init(&listener, sizeof listener, &config);
  // What is damaged is as good as nothing: it is learnt anew.
  if (error == 0 && length > 0) timecast_listener_restore(&listener, saved, length);
  return error;
}

static void keep(void) {
  uint8_t saved[TIMECAST_LISTENER_SAVED_OCTETS];
  int length = timecast_listener_save(&listener, saved, sizeof saved);
  if (length > 0) board_store(saved, (size_t)length);
}

int main(void) {
  uint8_t octets[512];
  timecast_listener_arrival arrival = {.size = sizeof arrival};
  timecast_listener_wake wake = {.size = sizeof wake};
  timecast_listener_time now = {.size = sizeof now};
  if (begin() != 0) return 1;
  while (timecast_listener_next_wake(&listener, board_counter_ns(), &wake) == 0) {
    if (wake.at_ns > board_counter_ns()) keep();  // nothing is to be heard: it sleeps now
    size_t length = board_receive(wake.at_ns, wake.listen_ns, octets, sizeof octets, &arrival);
    if (length > 0) timecast_listener_on_announcement(&listener, octets, length, &arrival);
    int error = timecast_listener_now(&listener, board_counter_ns(), &now);
    board_on_time(&now, error);
  }
}
