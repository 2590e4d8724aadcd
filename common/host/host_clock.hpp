// SPDX-License-Identifier: MIT
//
// Reading this host's clocks, and what the kernel knows about them. Nothing here sets a clock.
//
// Errors:  none; a kernel that does not say whether its clock is synchronised counts as
//          unsynchronised, with the reason.
// Threads: any.
// Source:  clock_gettime(2), adjtimex(2); RFC 5905 section 7.3 for the leap indicator.
#pragma once

#include <sys/timex.h>

#include <cstdint>
#include <string>

#include <timecast/time/frequency.hpp>
#include <timecast/time/ntp_time.hpp>
#include <timecast/time/timestamp.hpp>
#include <timecast/wire/header.hpp>

#include "common/host/kernel_calls.hpp"

namespace timecast {

// One instant on the three clocks, to about 100 ns where the clocks are read without a system call.
[[nodiscard]] Moment read_moment() noexcept;

[[nodiscard]] Timestamp<Boot> boot_now() noexcept;
[[nodiscard]] Timestamp<Realtime> realtime_now() noexcept;

// The instant of a kernel packet stamp on all three clocks, by its age at `now`. A stamp taken
// before the clock was stepped has no such instant: see ClockStepWatch.
[[nodiscard]] Moment moment_of(Timestamp<Realtime> packet_stamp, const Moment& now) noexcept;

// For the precision field: the larger of resolution and median time of a read, rounded up.
[[nodiscard]] Log2Seconds measure_precision() noexcept;

struct KernelClock {
  bool synchronised = false;         // somebody vouches for the clock
  Leap leap = Leap::unsynchronised;  // unsynchronised also during an inserted second
  Duration max_error;                // bound; grows 500 us a second between corrections
  Duration estimated_error;          // what the disciplining program believes
  Duration tai_offset;               // TAI - UTC; zero if nobody set it
  FrequencyPpb frequency;            // the correction in force, without `tick`
  std::int64_t tick_us = 0;          // microseconds a tick; 10000 is nominal at 100 Hz
  bool has_loop = false;             // it is steered by offsets that a program gives the kernel
  int failure = 0;                   // why the kernel does not tell: an errno value
};

// From what adjtimex() returned (TIME_OK ... TIME_ERROR, or -1) and wrote.
[[nodiscard]] KernelClock kernel_clock_from(int state, const timex& kernel) noexcept;

// By the keeper of the clock, where this process has one: see clock_keeper.hpp.
[[nodiscard]] KernelClock read_kernel_clock();
[[nodiscard]] KernelClock read_kernel_clock(const KernelCalls& calls);

// That it does not tell whether its clock is synchronised. `failure`: an errno value.
[[nodiscard]] std::string untold_text(int failure);

// Of `status`: the kernel steers its clock by what a program or a pulse tells it.
inline constexpr int kKernelLoops = STA_PLL | STA_FLL | STA_PPSFREQ | STA_PPSTIME | STA_FREQHOLD;

// As adjtimex() counts rates: units of 2^-16 ppm, and microseconds of the tick.
inline constexpr double kPpbPerScaledPpm = 1'000.0 / 65'536.0;
inline constexpr std::int64_t kNominalTickUs = 10'000;
inline constexpr double kPpbPerTickUs = 100'000;

// How much faster CLOCK_REALTIME runs by it than CLOCK_MONOTONIC_RAW.
[[nodiscard]] FrequencyPpb rate_in_force(const KernelClock& clock) noexcept;

}  // namespace timecast
