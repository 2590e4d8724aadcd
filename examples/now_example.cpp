// SPDX-License-Identifier: MIT
//
// What time it is and how well that is known, as timecast-listener publishes it on this host.
//
//     now_example [PAGE]
#include <cstdio>

#include <timecast/now.hpp>

int main(int argc, char** argv) {
  timecast::SharedClock clock{argc > 1 ? argv[1] : nullptr};
  const auto now = clock.now();
  if (!now) {
    std::fprintf(stderr, "now_example: %s\n", clock.why());
    return 1;
  }
  using Seconds = std::chrono::duration<double>;
  std::printf("%.6f s since 1970, +-%.9f s; %s: %s\n",
              Seconds{now->time.time_since_epoch()}.count(), Seconds{now->bound}.count(),
              timecast_state_text(now->state), clock.why());
}
