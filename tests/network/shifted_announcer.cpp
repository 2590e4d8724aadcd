// SPDX-License-Identifier: MIT
//
// timecast-announcer, but the clock it announces is another one: ahead of CLOCK_REALTIME by a
// secret offset that grows at a secret rate, which may change once. A listener on the same machine
// then has something to find, and the truth is known to the nanosecond.
//
//   announced = realtime + OFFSET + RATE * (realtime - EPOCH)
//               and from CHANGED on, if that is not 0, + (RATE2 - RATE) * (realtime - CHANGED)
//               and from STEPPED on, if that is not 0, + BY
//
// The secret is in the environment, all integers:
// TIMECAST_SHIFT=OFFSET_NS,RATE_PPB,EPOCH_NS[,CHANGED_NS,RATE2_PPB[,STEPPED_NS,BY_NS]].
#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <optional>
#include <string_view>
#include <vector>

#include "announcer/daemon/program.hpp"

namespace {

struct Shift {
  std::int64_t offset_ns = 0;
  std::int64_t rate_ppb = 0;
  std::int64_t epoch_ns = 0;    // Unix time
  std::int64_t changed_ns = 0;  // likewise; 0: never
  std::int64_t changed_rate_ppb = 0;
  std::int64_t stepped_ns = 0;  // likewise; 0: never
  std::int64_t step_ns = 0;
};

// Whole numbers, and nothing but commas between them.
std::optional<std::vector<std::int64_t>> numbers_in(std::string_view text) {
  std::vector<std::int64_t> numbers;
  const char* const end = text.data() + text.size();
  for (const char* at = text.data();; ++at) {
    std::int64_t number = 0;
    const auto [rest, error] = std::from_chars(at, end, number);
    if (error != std::errc{}) return std::nullopt;
    numbers.push_back(number);
    if (rest == end) return numbers;
    if (*rest != ',') return std::nullopt;
    at = rest;
  }
}

std::optional<Shift> read_shift(const char* text) {
  const auto numbers = numbers_in(text == nullptr ? "" : text);
  if (!numbers) return std::nullopt;
  auto n = *numbers;
  constexpr std::size_t kLeast = 3;
  constexpr std::size_t kMost = 7;
  if (n.size() < kLeast || n.size() > kMost || n.size() % 2 == 0) return std::nullopt;
  n.resize(kMost);
  return Shift{n[0], n[1], n[2], n[3], n[4], n[5], n[6]};
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
  if (shift.stepped_ns != 0 && realtime_ns > shift.stepped_ns) announced_ns += shift.step_ns;
  return timecast::Timestamp<timecast::Announced>{timecast::Duration::nanoseconds(announced_ns)};
}

}  // namespace

int main(int argc, char** argv) {
  const auto shift = read_shift(std::getenv("TIMECAST_SHIFT"));
  if (!shift) {
    std::cerr << "timecast-shifted-announcer: set "
                 "TIMECAST_SHIFT=OFFSET_NS,RATE_PPB,EPOCH_NS[,CHANGED_NS,RATE2_PPB"
                 "[,STEPPED_NS,BY_NS]]\n";
    return 2;
  }
  const auto clock = [secret = *shift](timecast::Timestamp<timecast::Realtime> t) {
    return shifted(t, secret);
  };
  return timecast::announcer_program(argc, argv, timecast::AnnouncedClock{clock});
}
