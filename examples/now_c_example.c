// SPDX-License-Identifier: MIT
//
// What time it is and how well that is known, as timecast-listener publishes it on this host.
//
//     now_c_example [PAGE]
#include <inttypes.h>
#include <stdio.h>

#include <timecast/now.h>

int main(int argc, char** argv) {
  struct timecast_time now;
  timecast_clock* clock = timecast_open(argc > 1 ? argv[1] : NULL, NULL);
  now.size = sizeof now;
  int error = timecast_now(clock, &now);
  timecast_close(clock);
  if (error != 0) {
    fprintf(stderr, "now_c_example: %s: %s\n", timecast_error_text(error),
            timecast_reason_text(now.reason));
    return 1;
  }
  printf("%" PRId64 ".%09" PRId64 " s since 1970, between %" PRId64 " ns earlier and later\n",
         now.time_ns / 1000000000, now.time_ns % 1000000000, now.bound_ns);
  printf("%s: %s\n", timecast_state_text(now.state), timecast_reason_text(now.reason));
  return 0;
}
