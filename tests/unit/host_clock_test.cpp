// SPDX-License-Identifier: MIT
#include "common/host/host_clock.hpp"

#include <doctest/doctest.h>

#include <cerrno>

using namespace timecast;

namespace {

// What a thread can lose between two reads on a loaded machine.
constexpr Duration kPause = Duration::milliseconds(100);

}  // namespace

TEST_CASE("host clock: the three readings of a moment are of one instant") {
  const Timestamp<Boot> boot_before = boot_now();
  const Timestamp<Realtime> realtime_before = realtime_now();
  const Moment moment = read_moment();
  const Timestamp<Boot> boot_after = boot_now();
  const Timestamp<Realtime> realtime_after = realtime_now();

  CHECK(moment.realtime >= realtime_before);
  CHECK(moment.realtime <= realtime_after);
  CHECK(moment.boot >= boot_before - kPause);  // interpolated
  CHECK(moment.boot <= boot_after);

  const Moment later = read_moment();
  const Duration elapsed = later.raw - moment.raw;
  CHECK(elapsed >= Duration{});
  CHECK(magnitude((later.boot - moment.boot) - elapsed) < kPause);
  CHECK(magnitude((later.realtime - moment.realtime) - elapsed) < kPause);
}

TEST_CASE("host clock: a packet stamp is placed on all clocks by its age") {
  const Moment now{Timestamp<Realtime>{Duration::seconds(1'700'000'000)},
                   Timestamp<Raw>{Duration::seconds(500)}, Timestamp<Boot>{Duration::seconds(900)}};
  for (const Duration age : {Duration{}, Duration::microseconds(30), -Duration::microseconds(2)}) {
    const Moment stamped = moment_of(now.realtime - age, now);
    CHECK(stamped.realtime == now.realtime - age);
    CHECK(stamped.raw == now.raw - age);
    CHECK(stamped.boot == now.boot - age);
  }
}

TEST_CASE("host clock: the precision is that of a clock one can keep time by") {
  const Log2Seconds precision = measure_precision();
  CHECK(precision.exponent() >= -30);  // the kernel counts nanoseconds
  CHECK(precision.exponent() <= -7);   // the coarsest tick there is
}

TEST_CASE("host clock: the kernel's word is taken for a synchronised clock and its leap second") {
  struct Row {
    const char* name;
    int state;
    int status;
    bool synchronised;
    Leap leap;
  };
  const Row rows[] = {
      {"steady", TIME_OK, STA_PLL, true, Leap::none},
      {"a second will be inserted", TIME_INS, STA_PLL | STA_INS, true, Leap::insert_second},
      {"a second will be deleted", TIME_DEL, STA_PLL | STA_DEL, true, Leap::delete_second},
      {"within the inserted second", TIME_OOP, STA_PLL | STA_INS, true, Leap::unsynchronised},
      {"after it, flag still set", TIME_WAIT, STA_PLL | STA_INS, true, Leap::none},
      {"nobody vouches for it", TIME_ERROR, STA_UNSYNC, false, Leap::unsynchronised},
      {"a leap second, but nobody vouches", TIME_INS, STA_UNSYNC | STA_INS, false,
       Leap::unsynchronised},
      {"a lost pulse signal", TIME_ERROR, STA_PLL | STA_PPSFREQ, false, Leap::unsynchronised},
      {"adjtimex failed", -1, 0, false, Leap::unsynchronised},
      {"a state of the future", 6, 0, false, Leap::unsynchronised},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    timex kernel{};
    kernel.status = row.status;
    const KernelClock clock = kernel_clock_from(row.state, kernel);
    CHECK(clock.synchronised == row.synchronised);
    CHECK(clock.leap == row.leap);
    CHECK(clock.has_loop == ((row.status & STA_PLL) != 0));
  }
}

TEST_CASE("host clock: the kernel's numbers come out in our units") {
  timex kernel{};
  kernel.maxerror = 16'000'000;
  kernel.esterror = 250;
  kernel.tai = 37;
  kernel.freq = -(50 << 16) - (1 << 15);  // 2^-16 ppm
  kernel.tick = 10'001;
  const KernelClock clock = kernel_clock_from(TIME_OK, kernel);
  CHECK(clock.max_error == Duration::seconds(16));
  CHECK(clock.estimated_error == Duration::microseconds(250));
  CHECK(clock.tai_offset == Duration::seconds(37));
  CHECK(clock.frequency.count_ppb() == -50'500.0);
  CHECK(clock.tick_us == 10'001);
}

TEST_CASE("host clock: a kernel that does not tell is one that says why") {
  CHECK(untold_text(EPERM) ==
        "the kernel does not tell whether this host's clock is synchronised: operation not "
        "permitted");
}

TEST_CASE("host clock: this kernel answers") {
  const KernelClock clock = read_kernel_clock();
  CHECK(clock.failure == 0);
  CHECK(clock.tick_us >= 9'000);
  CHECK(clock.tick_us <= 11'000);
  CHECK(clock.synchronised == (clock.leap != Leap::unsynchronised));
}
