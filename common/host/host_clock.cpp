// SPDX-License-Identifier: MIT
#include "common/host/host_clock.hpp"

#include <time.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "common/host/clock_keeper.hpp"

namespace timecast {

namespace {

Duration to_duration(const timespec& t) noexcept {
  return Duration::seconds(t.tv_sec) + Duration::nanoseconds(t.tv_nsec);
}

Duration read_clock(clockid_t clock) noexcept {
  timespec now{};
  // It cannot fail for the clocks named here: all are older than the oldest kernel we run on.
  ::clock_gettime(clock, &now);
  return to_duration(now);
}

// Halves round down; a clock's epoch is far from the limits of a Duration.
Duration middle(Duration a, Duration b) noexcept { return a + (b - a) / 2; }

struct Sandwich {
  Moment moment;
  Duration width;  // how far its three readings can be apart
};

Sandwich read_sandwich() noexcept {
  const Duration raw_before = read_clock(CLOCK_MONOTONIC_RAW);
  const Duration realtime = read_clock(CLOCK_REALTIME);
  const Duration raw_between = read_clock(CLOCK_MONOTONIC_RAW);
  const Duration boot = read_clock(CLOCK_BOOTTIME);
  const Duration raw_after = read_clock(CLOCK_MONOTONIC_RAW);
  const Duration raw = middle(raw_before, raw_between);
  const Duration boot_age = middle(raw_between, raw_after) - raw;
  return {{Timestamp<Realtime>{realtime}, Timestamp<Raw>{raw}, Timestamp<Boot>{boot - boot_age}},
          raw_after - raw_before};
}

}  // namespace

Moment read_moment() noexcept {
  // An interrupt between two reads widens one attempt, hardly three.
  Sandwich best = read_sandwich();
  for (int attempt = 1; attempt < 3; ++attempt) {
    const Sandwich next = read_sandwich();
    if (next.width < best.width) best = next;
  }
  return best.moment;
}

Timestamp<Boot> boot_now() noexcept { return Timestamp<Boot>{read_clock(CLOCK_BOOTTIME)}; }

Timestamp<Realtime> realtime_now() noexcept {
  return Timestamp<Realtime>{read_clock(CLOCK_REALTIME)};
}

Moment moment_of(Timestamp<Realtime> packet_stamp, const Moment& now) noexcept {
  return shifted(now, packet_stamp - now.realtime);
}

Log2Seconds measure_precision() noexcept {
  constexpr std::size_t kReads = 101;
  std::array<Duration, kReads> steps{};
  for (Duration& step : steps) {
    const Duration before = read_clock(CLOCK_REALTIME);
    step = read_clock(CLOCK_REALTIME) - before;
  }
  std::nth_element(steps.begin(), steps.begin() + kReads / 2, steps.end());
  timespec resolution{};
  ::clock_getres(CLOCK_REALTIME, &resolution);
  return Log2Seconds::not_below(std::max(steps[kReads / 2], to_duration(resolution)));
}

namespace {

// From the returned state and not from STA_INS and STA_DEL, which stay set after the leap until
// the disciplining program clears them. During the inserted second no reading means one instant.
Leap leap_of(int state) noexcept {
  switch (state) {
    case TIME_OK:
    case TIME_WAIT: return Leap::none;
    case TIME_INS: return Leap::insert_second;
    case TIME_DEL: return Leap::delete_second;
    default: return Leap::unsynchronised;  // TIME_OOP; and TIME_ERROR, -1
  }
}

}  // namespace

KernelClock kernel_clock_from(int state, const timex& kernel) noexcept {
  const bool told = state >= TIME_OK && state < TIME_ERROR;
  KernelClock clock;
  clock.synchronised = told && (kernel.status & STA_UNSYNC) == 0;
  clock.leap = clock.synchronised ? leap_of(state) : Leap::unsynchronised;
  clock.max_error = Duration::microseconds(kernel.maxerror);
  clock.estimated_error = Duration::microseconds(kernel.esterror);
  clock.tai_offset = Duration::seconds(kernel.tai);
  clock.frequency = FrequencyPpb{static_cast<double>(kernel.freq) * kPpbPerScaledPpm};
  clock.tick_us = kernel.tick;
  clock.has_loop = (kernel.status & kKernelLoops) != 0;
  return clock;
}

FrequencyPpb rate_in_force(const KernelClock& clock) noexcept {
  const auto ticks = static_cast<double>(clock.tick_us - kNominalTickUs);
  return clock.frequency + FrequencyPpb{ticks * kPpbPerTickUs};
}

KernelClock read_kernel_clock() { return read_kernel_clock(host_kernel_calls()); }

KernelClock read_kernel_clock(const KernelCalls& calls) {
  timex kernel{};  // modes 0: reads alone, which anybody may
  const int state = calls.adjtimex(&kernel);
  const int failure = state == -1 ? errno : 0;
  KernelClock clock = kernel_clock_from(state, kernel);
  clock.failure = failure;
  return clock;
}

std::string untold_text(int failure) {
  return "the kernel does not tell whether this host's clock is synchronised: " +
         clock_failure_text(failure);
}

}  // namespace timecast
