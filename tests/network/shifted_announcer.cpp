// SPDX-License-Identifier: MIT
//
// timecast-announcer, but the clock it announces is another one: ahead of CLOCK_REALTIME by a
// secret offset that grows at a secret rate. A listener on the same machine then has something to
// find, and the truth is known to the nanosecond.
//
//   announced = realtime + OFFSET + RATE * (realtime - EPOCH)
//
// The secret is in the environment: TIMECAST_SHIFT=OFFSET_NS,RATE_PPB,EPOCH_NS, all integers.
#include <cstdio>
#include <cstdlib>

#include "announcer/daemon/program.hpp"

namespace {

struct Shift {
  long long offset_ns = 0;
  long long rate_ppb = 0;
  long long epoch_ns = 0;  // Unix time
};

bool read_shift(const char* text, Shift& shift) {
  char rest = 0;
  return text != nullptr && std::sscanf(text, "%lld,%lld,%lld%c", &shift.offset_ns, &shift.rate_ppb,
                                        &shift.epoch_ns, &rest) == 3;
}

// Clock readings and packet stamps go the same way, so the shift itself adds no error.
timecast::Timestamp<timecast::Announced> shifted(timecast::Timestamp<timecast::Realtime> t,
                                                 const Shift& shift) {
  __extension__ using Wide = __int128;  // ISO C++ has none
  const std::int64_t realtime_ns = t.since_epoch().count_ns();
  const Wide grown_ns = Wide{realtime_ns - shift.epoch_ns} * shift.rate_ppb / 1'000'000'000;
  const std::int64_t announced_ns =
      realtime_ns + shift.offset_ns + static_cast<std::int64_t>(grown_ns);
  return timecast::Timestamp<timecast::Announced>{timecast::Duration::nanoseconds(announced_ns)};
}

}  // namespace

int main(int argc, char** argv) {
  Shift shift;
  if (!read_shift(std::getenv("TIMECAST_SHIFT"), shift)) {
    std::fputs("timecast-shifted-announcer: set TIMECAST_SHIFT=OFFSET_NS,RATE_PPB,EPOCH_NS\n",
               stderr);
    return 2;
  }
  const auto clock = [shift](timecast::Timestamp<timecast::Realtime> t) {
    return shifted(t, shift);
  };
  return timecast::announcer_program(argc, argv, timecast::AnnouncedClock{clock});
}
