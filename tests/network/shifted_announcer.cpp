// SPDX-License-Identifier: MIT
//
// timecast-announcer, but the clock it announces is another one: ahead of CLOCK_REALTIME by a
// secret offset that grows at a secret rate, which may change once. A listener on the same machine
// then has something to find, and the truth is known to the nanosecond.
//
//   announced = realtime + OFFSET + RATE * (realtime - EPOCH)
//               and from CHANGED on, if that is not 0, + (RATE2 - RATE) * (realtime - CHANGED)
//
// The secret is in the environment, all integers:
// TIMECAST_SHIFT=OFFSET_NS,RATE_PPB,EPOCH_NS[,CHANGED_NS,RATE2_PPB].
#include <cstdio>
#include <cstdlib>

#include "announcer/daemon/program.hpp"

namespace {

struct Shift {
  long long offset_ns = 0;
  long long rate_ppb = 0;
  long long epoch_ns = 0;    // Unix time
  long long changed_ns = 0;  // likewise; 0: never
  long long changed_rate_ppb = 0;
};

bool read_shift(const char* text, Shift& shift) {
  char rest = 0;
  if (text == nullptr) return false;
  const int numbers =
      std::sscanf(text, "%lld,%lld,%lld,%lld,%lld%c", &shift.offset_ns, &shift.rate_ppb,
                  &shift.epoch_ns, &shift.changed_ns, &shift.changed_rate_ppb, &rest);
  return numbers == 3 || numbers == 5;
}

std::int64_t grown_ns(std::int64_t span_ns, std::int64_t rate_ppb) {
  __extension__ using Wide = __int128;  // ISO C++ has none
  return static_cast<std::int64_t>(Wide{span_ns} * rate_ppb / 1'000'000'000);
}

// Clock readings and packet stamps go the same way, so the shift itself adds no error.
timecast::Timestamp<timecast::Announced> shifted(timecast::Timestamp<timecast::Realtime> t,
                                                 const Shift& shift) {
  const std::int64_t realtime_ns = t.since_epoch().count_ns();
  std::int64_t announced_ns =
      realtime_ns + shift.offset_ns + grown_ns(realtime_ns - shift.epoch_ns, shift.rate_ppb);
  if (shift.changed_ns != 0 && realtime_ns > shift.changed_ns) {
    announced_ns +=
        grown_ns(realtime_ns - shift.changed_ns, shift.changed_rate_ppb - shift.rate_ppb);
  }
  return timecast::Timestamp<timecast::Announced>{timecast::Duration::nanoseconds(announced_ns)};
}

}  // namespace

int main(int argc, char** argv) {
  Shift shift;
  if (!read_shift(std::getenv("TIMECAST_SHIFT"), shift)) {
    std::fputs(
        "timecast-shifted-announcer: set "
        "TIMECAST_SHIFT=OFFSET_NS,RATE_PPB,EPOCH_NS[,CHANGED_NS,RATE2_PPB]\n",
        stderr);
    return 2;
  }
  const auto clock = [shift](timecast::Timestamp<timecast::Realtime> t) {
    return shifted(t, shift);
  };
  return timecast::announcer_program(argc, argv, timecast::AnnouncedClock{clock});
}
