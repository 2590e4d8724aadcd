// SPDX-License-Identifier: MIT
#include "common/host/hardware_clock.hpp"

#include <doctest/doctest.h>

#include <vector>

using namespace timecast;

namespace {

constexpr Duration us(std::int64_t n) { return Duration::microseconds(n); }
constexpr Duration ms(std::int64_t n) { return Duration::milliseconds(n); }
using Reading = HardwareClock::Reading;

// A host and its card, whose clock is of another epoch and runs at another rate.
struct Card {
  Timestamp<Realtime> system{Duration::seconds(1'793'491'200)};
  Timestamp<Hardware> hardware{Duration::seconds(37)};
  Duration gap = Duration::seconds(1'793'000'000);
  double ppm = 0;  // by which the card's clock is faster

  void pass(Duration span) {
    system = system + span;
    hardware = hardware + span + stretched(span, ppm * 1e-6);
  }
  void set_system(Duration by) {
    system = system + by;
    gap = gap + by;
  }
  [[nodiscard]] ClockSandwich sandwich(Duration width = us(2)) const {
    return {system - width / 2, hardware, system + width / 2};
  }
  Reading read_into(HardwareClock& clock, Duration width = us(2)) const {
    const ClockSandwich only[] = {sandwich(width)};
    return clock.read(only, gap);
  }
  void teach(HardwareClock& clock, int readings = 3) {
    for (int i = 0; i < readings; ++i) {
      pass(HardwareClock::kReadEvery);
      REQUIRE(read_into(clock) == Reading::kept);
    }
  }
};

}  // namespace

TEST_CASE("hardware clock: after three readings that agree a stamp becomes one of this host") {
  for (const double ppm : {0.0, 40.0, -40.0, 400.0}) {
    CAPTURE(ppm);
    Card card;
    card.ppm = ppm;
    HardwareClock clock;
    card.teach(clock);
    for (const Duration later : {ms(0), ms(10), ms(990)}) {
      card.pass(later);
      const auto instant = clock.convert(card.hardware, card.gap);
      REQUIRE(instant);
      CHECK(magnitude(instant->at - card.system) <= Duration::nanoseconds(5));
      CHECK(instant->uncertainty >= us(1));
      CHECK(instant->uncertainty <= us(3));
    }
  }
}

TEST_CASE("hardware clock: before three readings nothing is converted") {
  Card card;
  HardwareClock clock;
  for (int readings = 0; readings < 3; ++readings) {
    CHECK_FALSE(clock.is_known());
    CHECK_FALSE(clock.convert(card.hardware, card.gap));
    card.teach(clock, 1);
  }
  CHECK(clock.is_known());
}

TEST_CASE("hardware clock: the narrowest sandwich counts, and one that went backwards does not") {
  Card card;
  HardwareClock clock;
  for (int i = 0; i < 3; ++i) {
    card.pass(HardwareClock::kReadEvery);
    ClockSandwich wide = card.sandwich(us(40));
    wide.hardware = wide.hardware + us(15);
    ClockSandwich backwards = card.sandwich(us(-8));
    backwards.hardware = backwards.hardware + us(900);
    const ClockSandwich all[] = {wide, card.sandwich(us(2)), backwards, wide};
    REQUIRE(clock.read(all, card.gap) == Reading::kept);
  }
  const auto instant = clock.convert(card.hardware, card.gap);
  REQUIRE(instant);
  CHECK(instant->at == card.system);
  CHECK(instant->uncertainty == us(1));
}

TEST_CASE("hardware clock: a reading without a narrow sandwich changes nothing") {
  Card card;
  HardwareClock clock;
  card.teach(clock);
  card.pass(HardwareClock::kReadEvery);
  CHECK(card.read_into(clock, HardwareClock::kWidest + us(1)) == Reading::unfit);
  CHECK(clock.read({}, card.gap) == Reading::unfit);
  const auto instant = clock.convert(card.hardware, card.gap);
  REQUIRE(instant);
  CHECK(instant->at == card.system);
}

TEST_CASE("hardware clock: two readings at once give no rate") {
  Card card;
  HardwareClock clock;
  card.teach(clock, 2);
  card.pass(ms(1));
  CHECK(card.read_into(clock) == Reading::unfit);
  CHECK_FALSE(clock.is_known());
}

TEST_CASE("hardware clock: a clock that was set between readings ends conversion until read anew") {
  struct Row {
    const char* name;
    void (*set)(Card&);
  };
  const Row rows[] = {
      {"card forward by 20 us", [](Card& c) { c.hardware = c.hardware + us(20); }},
      {"card back by 20 us", [](Card& c) { c.hardware = c.hardware - us(20); }},
      {"card back to its epoch", [](Card& c) { c.hardware = Timestamp<Hardware>{}; }},
      {"card to TAI",
       [](Card& c) { c.hardware = Timestamp<Hardware>{Duration::seconds(1'793'491'237)}; }},
      {"system forward by 1 s", [](Card& c) { c.set_system(Duration::seconds(1)); }},
      {"system back by an hour", [](Card& c) { c.set_system(-Duration::seconds(3'600)); }},
      {"system forward by 20 us", [](Card& c) { c.set_system(us(20)); }},
      {"both, by the same",
       [](Card& c) {
         c.set_system(ms(5));
         c.hardware = c.hardware + ms(5);
       }},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    Card card;
    card.ppm = 12;
    HardwareClock clock;
    card.teach(clock);
    card.pass(HardwareClock::kReadEvery);
    row.set(card);
    CHECK(card.read_into(clock) == Reading::set);
    CHECK_FALSE(clock.convert(card.hardware, card.gap));
    card.teach(clock, 2);
    const auto instant = clock.convert(card.hardware, card.gap);
    REQUIRE(instant);
    CHECK(magnitude(instant->at - card.system) <= Duration::nanoseconds(5));
  }
}

TEST_CASE("hardware clock: a system clock set since the last reading ends conversion at once") {
  Card card;
  HardwareClock clock;
  card.teach(clock);
  card.pass(ms(300));
  REQUIRE(clock.convert(card.hardware, card.gap));
  card.set_system(ms(1));
  CHECK_FALSE(clock.convert(card.hardware, card.gap));
}

TEST_CASE("hardware clock: a set during the first two readings is noticed by the third") {
  Card card;
  HardwareClock clock;
  card.teach(clock, 1);
  card.hardware = card.hardware + us(200);
  card.teach(clock, 1);
  card.pass(HardwareClock::kReadEvery);
  CHECK(card.read_into(clock) == Reading::set);
  CHECK_FALSE(clock.is_known());
}

TEST_CASE("hardware clock: a rate that changes a little widens the uncertainty to hold the truth") {
  Card card;
  HardwareClock clock;
  card.teach(clock);
  for (int i = 0; i < 5; ++i) {
    card.ppm += 4;
    card.teach(clock, 1);
    card.ppm += 4;
    card.pass(ms(900));
    const auto instant = clock.convert(card.hardware, card.gap);
    REQUIRE(instant);
    CHECK(magnitude(instant->at - card.system) <= instant->uncertainty);
    CHECK(instant->uncertainty < us(10));
    card.pass(ms(100));
    REQUIRE(card.read_into(clock) == Reading::kept);
  }
}

TEST_CASE("hardware clock: a stamp far from the last reading is refused") {
  Card card;
  HardwareClock clock;
  card.teach(clock);
  const Duration edge = HardwareClock::kFarthest;
  CHECK(clock.convert(card.hardware + edge, card.gap));
  CHECK(clock.convert(card.hardware - edge, card.gap));
  for (const Duration away : {edge + us(1), -edge - us(1), Duration::max(), Duration::min()}) {
    CHECK_FALSE(clock.convert(card.hardware + away, card.gap));
  }
}

TEST_CASE("hardware clock: what was learnt can be forgotten") {
  Card card;
  HardwareClock clock;
  card.teach(clock);
  clock.forget();
  CHECK_FALSE(clock.is_known());
  CHECK_FALSE(clock.convert(card.hardware, card.gap));
}
