// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <ostream>
#include <string_view>

#include "announcer/core/clock_state.hpp"

namespace timecast {
namespace {

Timestamp<Announced> at(std::int64_t seconds) {
  return Timestamp<Announced>{Duration::seconds(1'793'491'200 + seconds)};
}

AnnouncerConfig config_of(bool island, std::uint8_t stratum) {
  AnnouncerConfig config;
  config.island = island;
  config.stratum = stratum;
  config.reference_id = {'T', 'E', 'S', 'T'};
  return config;
}

}  // namespace

TEST_CASE("clock state: the header says what the clock is worth") {
  const Duration ms = Duration::milliseconds(1);
  struct Row {
    std::string_view name;
    ClockState clock;
    bool island;
    Leap leap;
    std::uint8_t stratum;
    std::uint32_t dispersion;  // 2^-16 s; 1 ms is 65.536, the precision 0.0625
  };
  const Row rows[] = {
      {"synchronised", {true, Leap::none, ms}, false, Leap::none, 3, 66},
      {"a second will be inserted",
       {true, Leap::insert_second, ms},
       false,
       Leap::insert_second,
       3,
       66},
      {"a second will be deleted",
       {true, Leap::delete_second, ms},
       false,
       Leap::delete_second,
       3,
       66},
      {"within a leap second",
       {true, Leap::unsynchronised, ms},
       false,
       Leap::unsynchronised,
       0,
       16 << 16},
      {"unsynchronised", {false, Leap::none, ms}, false, Leap::unsynchronised, 0, 16 << 16},
      {"a daemon that tells the kernel zero", {true, Leap::none, {}}, false, Leap::none, 3, 1},
      {"a bound that just needs another unit",
       {true, Leap::none, Duration::nanoseconds(1'000'000'000 - 952)},
       false,
       Leap::none,
       3,
       (1 << 16) + 1},
      {"an island, unsynchronised",
       {false, Leap::unsynchronised, ms * 16'000},
       true,
       Leap::none,
       3,
       66},
      {"an island, synchronised", {true, Leap::insert_second, ms * 7}, true, Leap::none, 3, 66},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    const Header header = describe(row.clock, config_of(row.island, 3), at(5));
    CHECK(header.leap == row.leap);
    CHECK(header.stratum == row.stratum);
    CHECK(header.root_delay == NtpShort{});
    CHECK(header.root_dispersion == NtpShort{row.dispersion});
    CHECK(header.precision == Log2Seconds{-20});
    const bool known = row.leap != Leap::unsynchronised;
    CHECK(header.reference_id == (known ? ReferenceId{'T', 'E', 'S', 'T'} : ReferenceId{}));
    CHECK(header.reference == (known ? to_ntp(at(5)) : NtpTimestamp{}));
    CHECK(header.origin == NtpTimestamp{});
    CHECK(header.receive == NtpTimestamp{});
  }
}

TEST_CASE("clock state: what the clock's keeper says goes before what is configured") {
  ClockState state{true, Leap::none, Duration::milliseconds(1)};
  state.stratum = 2;
  state.reference_id = {192, 0, 2, 7};
  state.root_delay = Duration::milliseconds(250);
  state.reference = at(3);
  const Header header = describe(state, config_of(false, 5), at(5));
  CHECK(header.stratum == 2);
  CHECK(header.reference_id == ReferenceId{192, 0, 2, 7});
  CHECK(header.root_delay == NtpShort{1 << 14});
  CHECK(header.root_dispersion == NtpShort{66});
  CHECK(header.reference == to_ntp(at(3)));

  state.reference.reset();  // the kernel knows no more than that it was corrected
  CHECK(describe(state, config_of(false, 5), at(5)).reference == to_ntp(at(5)));
  state.stratum = 16;  // nobody follows beyond
  CHECK(describe(state, config_of(false, 5), at(5)).leap == Leap::unsynchronised);
  CHECK(describe(state, config_of(true, 5), at(5)).leap == Leap::unsynchronised);
}

TEST_CASE("clock state: an island is one as long as its clock follows nobody") {
  ClockState state{true, Leap::none, Duration::milliseconds(3)};
  CHECK(describe(state, config_of(true, 10), at(5)).stratum == 10);
  state.stratum = 11;
  state.reference_id = {192, 0, 2, 7};
  const Header header = describe(state, config_of(true, 10), at(5));
  CHECK(header.stratum == 11);
  CHECK(header.reference_id == ReferenceId{192, 0, 2, 7});
  CHECK(header.root_dispersion ==
        NtpShort::at_least(Duration::milliseconds(3) + Log2Seconds{-20}.to_duration()));
}

TEST_CASE("clock state: the announced dispersion is never less than the kernel's bound") {
  const AnnouncerConfig config = config_of(false, 3);
  for (std::int64_t ns = 1; ns < 16'000'000'000; ns = ns * 3 + 1) {
    CAPTURE(ns);
    const Duration bound = Duration::nanoseconds(ns);
    const Header header = describe({true, Leap::none, bound}, config, at(0));
    CHECK(header.root_dispersion.to_duration() >= bound + config.precision.to_duration());
    CHECK(header.root_dispersion.to_duration() <=
          bound + config.dispersion_floor + Duration::microseconds(17));
  }
}

TEST_CASE("clock state: the reference time moves when the bound shrinks and at no other time") {
  struct Row {
    std::int64_t now;
    std::int64_t max_error_us;
    std::int64_t expected;
  };
  const Row rows[] = {
      {10, 5'000, 10},     // first seen
      {11, 5'500, 10},     // grows by itself
      {12, 5'500, 10},     // same
      {13, 900, 13},       // corrected
      {14, 1'400, 13},     // grows
      {5, 16'000'000, 5},  // set back: a reference in the future would be refused
      {6, 16'000'000, 5},  // capped by the kernel
      {900, 16'000'000, 5}, {901, 0, 901}, {902, 0, 901},
  };
  ReferenceTime reference;
  for (const Row& row : rows) {
    CAPTURE(row.now);
    reference.observe({true, Leap::none, Duration::microseconds(row.max_error_us)}, at(row.now));
    CHECK(reference.value() == at(row.expected));
  }
}

}  // namespace timecast
