// SPDX-License-Identifier: MIT
#include "listener/daemon/arrival_clock.hpp"

#include <doctest/doctest.h>

using namespace timecast;

namespace {

constexpr Duration us(std::int64_t n) { return Duration::microseconds(n); }
constexpr Duration kStampLate = Duration::microseconds(15);
constexpr Duration kReadLate = Duration::milliseconds(1);

// The three clocks of a host, moved by hand.
struct Host {
  Moment now{Timestamp<Realtime>{Duration::seconds(1'793'491'200)},
             Timestamp<Raw>{Duration::seconds(4'000)}, Timestamp<Boot>{Duration::seconds(5'000)}};

  // REALTIME and BOOTTIME are steered together, RAW by nobody.
  void pass(Duration span, double steered_ppm = 0) {
    const Duration steered = span + Duration::from_seconds(span.to_seconds() * steered_ppm * 1e-6);
    now.realtime = now.realtime + steered;
    now.boot = now.boot + steered;
    now.raw = now.raw + span;
  }
  void set_clock(Duration by) { now.realtime = now.realtime + by; }
};

}  // namespace

TEST_CASE("arrival clock: a kernel stamp is put on the other clocks by its age") {
  Host host;
  ArrivalClock clock{host.now};
  host.pass(Duration::seconds(1));
  const Moment arrived = host.now;
  host.pass(us(80));
  CHECK(clock.look(host.now) == Duration{});
  const auto instant = clock.arrival(arrived.realtime, StampSource::kernel);
  CHECK(instant.at.realtime == arrived.realtime);
  CHECK(instant.at.raw == arrived.raw);
  CHECK(instant.at.boot == arrived.boot);
  CHECK(instant.uncertainty == kStampLate);
  CHECK(clock.moment_of(arrived.realtime)->raw == arrived.raw);
}

TEST_CASE("arrival clock: this program's own reading may be late") {
  Host host;
  ArrivalClock clock{host.now};
  const auto instant = clock.arrival(host.now.realtime, StampSource::user);
  CHECK(instant.at.raw == host.now.raw);
  CHECK(instant.uncertainty == kReadLate);
}

TEST_CASE("arrival clock: steering at any rate is no setting, and stamps are believed") {
  for (const double ppm : {500.0, -500.0, 100'000.0, -100'000.0}) {
    for (const std::int64_t seconds : {1, 60, 100'000}) {
      CAPTURE(ppm);
      CAPTURE(seconds);
      Host host;
      ArrivalClock clock{host.now};
      host.pass(Duration::seconds(seconds), ppm);
      const Moment arrived = host.now;
      host.pass(us(100), ppm);
      CHECK(clock.look(host.now) == Duration{});
      const auto instant = clock.arrival(arrived.realtime, StampSource::kernel);
      CHECK(instant.uncertainty == kStampLate);
      CHECK(magnitude(instant.at.raw - arrived.raw) <= us(11));  // a tenth of its age at most
    }
  }
}

TEST_CASE("arrival clock: sleep is no setting") {
  Host host;
  ArrivalClock clock{host.now};
  host.now.realtime = host.now.realtime + Duration::seconds(3600);
  host.now.boot = host.now.boot + Duration::seconds(3600);
  CHECK(clock.look(host.now) == Duration{});
}

TEST_CASE("arrival clock: a stamp from before the clock was set is not believed") {
  for (const Duration step :
       {Duration::seconds(5), -Duration::seconds(5), Duration::milliseconds(300),
        -Duration::milliseconds(300), us(250), us(-250)}) {
    CAPTURE(step.count_ns());
    Host host;
    ArrivalClock clock{host.now};
    host.pass(Duration::seconds(1));
    const Moment arrived = host.now;
    host.pass(us(50));
    host.set_clock(step);
    host.pass(us(50));
    CHECK(clock.look(host.now) == step);
    const auto instant = clock.arrival(arrived.realtime, StampSource::kernel);
    CHECK(instant.at.raw == host.now.raw);
    CHECK(instant.uncertainty == kReadLate);
    CHECK_FALSE(clock.moment_of(arrived.realtime));
  }
}

TEST_CASE("arrival clock: packets that waited while the clock was set stay unbelieved") {
  for (const Duration step : {Duration::milliseconds(300), -Duration::milliseconds(300),
                              Duration::milliseconds(3), -Duration::milliseconds(3)}) {
    CAPTURE(step.count_ns());
    Host host;
    ArrivalClock clock{host.now};
    const Timestamp<Realtime> before = host.now.realtime;
    host.pass(us(100));
    host.set_clock(step);
    host.pass(us(100));
    CHECK(clock.look(host.now) == step);
    for (int packet = 0; packet < 100; ++packet) {  // each takes its time, and all are as old
      host.pass(us(300));
      CHECK(clock.look(host.now) == Duration{});
      CHECK_FALSE(clock.moment_of(before));
    }
  }
}

TEST_CASE("arrival clock: stamps are believed again soon after the clock was set") {
  Host host;
  ArrivalClock clock{host.now};
  host.set_clock(Duration::seconds(5));
  CHECK(clock.look(host.now) == Duration::seconds(5));
  host.pass(Duration::milliseconds(101));
  const Moment arrived = host.now;
  host.pass(us(50));
  CHECK(clock.look(host.now) == Duration{});
  REQUIRE(clock.moment_of(arrived.realtime));
  CHECK(clock.moment_of(arrived.realtime)->raw == arrived.raw);
}

TEST_CASE("arrival clock: noise of reading is no setting") {
  Host host;
  ArrivalClock clock{host.now};
  host.set_clock(us(150));
  CHECK(clock.look(host.now) == Duration{});
  host.set_clock(us(-150));
  CHECK(clock.look(host.now) == Duration{});
}

TEST_CASE("arrival clock: stamps from long ago or from the future are not believed") {
  struct Row {
    Duration age;
    bool believed;
  };
  for (const Row& row : {Row{Duration::milliseconds(999), true},
                         {Duration::milliseconds(1001), false},
                         {Duration::seconds(1'000'000'000), false},
                         {us(-15), true},
                         {us(-25), false},
                         {-Duration::seconds(1'000'000'000), false},
                         {Duration::max(), false},
                         {Duration::min(), false}}) {
    CAPTURE(row.age.count_ns());
    Host host;
    ArrivalClock clock{host.now};
    host.pass(Duration::seconds(10));
    CHECK(clock.look(host.now) == Duration{});
    const Timestamp<Realtime> stamp = host.now.realtime - row.age;
    CHECK(clock.moment_of(stamp).has_value() == row.believed);
    const auto instant = clock.arrival(stamp, StampSource::kernel);
    CHECK(instant.uncertainty == (row.believed ? kStampLate : kReadLate));
    if (!row.believed) CHECK(instant.at.raw == host.now.raw);
  }
}

TEST_CASE("arrival clock: a hardware stamp errs by its conversion and the way to the card") {
  Host host;
  const ArrivalClock clock{host.now};
  const auto instant = clock.arrival(host.now.realtime, StampSource::hardware, us(3));
  CHECK(instant.at.raw == host.now.raw);
  CHECK(instant.uncertainty == us(4));
}
