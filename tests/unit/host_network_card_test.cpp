// SPDX-License-Identifier: MIT
#include "common/host/network_card.hpp"

#include <doctest/doctest.h>

#include "tests/unit/host_card.hpp"

using namespace timecast;

namespace {

constexpr hwtstamp_config kUntouched{0, HWTSTAMP_TX_OFF, HWTSTAMP_FILTER_NONE};

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("network card: one that stamps all packets is used as it is set") {
  for (const int filter : {HWTSTAMP_FILTER_ALL, HWTSTAMP_FILTER_NTP_ALL}) {
    FakeCard card;
    card.config.rx_filter = filter;
    const UseCard use{card};
    const auto index = prepare_card("eth0", kFakeCardCalls);
    REQUIRE(index);
    CHECK(*index == 3);
    CHECK(card.sets == 0);
  }
}

TEST_CASE("network card: stamps that nobody uses are switched on, of all packets if it can") {
  struct Row {
    std::uint32_t filters;
    int set;
  };
  const Row rows[] = {
      {1U << HWTSTAMP_FILTER_ALL | 1U << HWTSTAMP_FILTER_NTP_ALL, HWTSTAMP_FILTER_ALL},
      {1U << HWTSTAMP_FILTER_NTP_ALL, HWTSTAMP_FILTER_NTP_ALL},
  };
  for (const Row& row : rows) {
    FakeCard card;
    card.filters = row.filters;
    card.config = kUntouched;
    const UseCard use{card};
    const auto index = prepare_card("eth0", kFakeCardCalls);
    REQUIRE(index);
    CHECK(*index == 3);
    CHECK(card.config.tx_type == HWTSTAMP_TX_ON);
    CHECK(card.config.rx_filter == row.set);
  }
}

TEST_CASE("network card: what another program has set is left alone, and told") {
  const hwtstamp_config of_others[] = {
      {0, HWTSTAMP_TX_ON, HWTSTAMP_FILTER_PTP_V2_EVENT},
      {0, HWTSTAMP_TX_OFF, HWTSTAMP_FILTER_ALL},
      {0, HWTSTAMP_TX_ON, HWTSTAMP_FILTER_NONE},
      {0, HWTSTAMP_TX_ONESTEP_SYNC, HWTSTAMP_FILTER_ALL},
  };
  for (const hwtstamp_config& config : of_others) {
    FakeCard card;
    card.config = config;
    const UseCard use{card};
    const auto index = prepare_card("eth0", kFakeCardCalls);
    REQUIRE_FALSE(index);
    CHECK(contains(index.error().text, "eth0: no hardware stamps: another program"));
    CHECK(card.sets == 0);
  }
}

TEST_CASE("network card: an interface without such a card is no error, and nothing is set") {
  struct Row {
    const char* name;
    void (*spoil)(FakeCard&);
  };
  const Row rows[] = {
      {"no ethtool", [](FakeCard& c) { c.info_error = EOPNOTSUPP; }},
      {"no interface", [](FakeCard& c) { c.info_error = ENODEV; }},
      {"no clock", [](FakeCard& c) { c.phc_index = -1; }},
      {"software stamps only", [](FakeCard& c) { c.abilities = SOF_TIMESTAMPING_RX_SOFTWARE; }},
      {"no transmit stamps", [](FakeCard& c) { c.tx_types = 1U << HWTSTAMP_TX_OFF; }},
      {"stamps PTP only", [](FakeCard& c) { c.filters = 1U << HWTSTAMP_FILTER_PTP_V2_EVENT; }},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    FakeCard card;
    card.config = kUntouched;
    CHECK([&] {
      const UseCard use{card};
      return can_stamp("eth0", kFakeCardCalls);
    }());
    row.spoil(card);
    const UseCard use{card};
    CHECK_FALSE(can_stamp("eth0", kFakeCardCalls));
    const auto index = prepare_card("eth0", kFakeCardCalls);
    REQUIRE(index);
    CHECK_FALSE(index->has_value());
    CHECK(card.sets == 0);
  }
}

TEST_CASE("network card: a failure says where, what and the way out") {
  struct Row {
    void (*spoil)(FakeCard&);
    const char* text;
  };
  const Row rows[] = {
      {[](FakeCard& c) { c.set_error = EPERM; },
       "eth0: no hardware stamps: cannot switch them on: operation not permitted; "
       "give CAP_NET_ADMIN, or run hwstamp_ctl -i eth0 -t 1 -r 1"},
      {[](FakeCard& c) { c.set_error = ERANGE; },
       "eth0: no hardware stamps: cannot switch them on: numerical result out of range"},
      {[](FakeCard& c) { c.get_error = EOPNOTSUPP; },
       "eth0: no hardware stamps: its driver does not say what is set: operation not supported"},
      {[](FakeCard& c) { c.chosen_filter = HWTSTAMP_FILTER_PTP_V2_EVENT; },
       "eth0: no hardware stamps: its driver stamps with filter 12 only"},
  };
  for (const Row& row : rows) {
    FakeCard card;
    card.config = kUntouched;
    row.spoil(card);
    const UseCard use{card};
    const auto index = prepare_card("eth0", kFakeCardCalls);
    REQUIRE_FALSE(index);
    CHECK(index.error().text == row.text);
  }
}

TEST_CASE("network card: a clock that may not be read says whom to let") {
  FakeCard card;
  card.open_error = EACCES;
  const UseCard use{card};
  const auto clock = CardClock::open(3, kFakeCardCalls);
  REQUIRE_FALSE(clock);
  CHECK(clock.error().text ==
        "no hardware stamps: cannot read /dev/ptp3: permission denied; let this program's user "
        "read it, by a udev rule");
}

TEST_CASE("network card: a clock is read precisely, else between two readings of the system's") {
  constexpr Duration kBehind = Duration::seconds(FakeCard::kEpochSeconds);
  for (const int precise_error : {0, EOPNOTSUPP, ENOTTY}) {
    CAPTURE(precise_error);
    FakeCard card;
    card.precise_error = precise_error;
    const UseCard use{card};
    auto clock = CardClock::open(3, kFakeCardCalls);
    REQUIRE(clock);
    CHECK(card.opened == "/dev/ptp3");
    const Duration half = Duration::microseconds(precise_error == 0 ? 0 : 1);
    const auto sandwiches = clock->read();
    REQUIRE(sandwiches);
    REQUIRE(sandwiches->size() == (precise_error == 0 ? 1 : 5));
    for (const ClockSandwich& each : *sandwiches) {
      CHECK(each.before.since_epoch() - each.hardware.since_epoch() == kBehind - half);
      CHECK(each.after - each.before == half * 2);
    }
  }
}

TEST_CASE("network card: what a clock cannot do is asked once") {
  FakeCard card;
  const UseCard use{card};
  auto clock = CardClock::open(3, kFakeCardCalls);
  REQUIRE(clock);
  for (int i = 0; i < 3; ++i) CHECK(clock->read());
  CHECK(card.precise_reads == 1);
  CHECK(card.extended_reads == 3);
}

TEST_CASE("network card: a clock that vanished, or can be read in no way, is an error") {
  struct Row {
    void (*spoil)(FakeCard&);
    int reason;
  };
  const Row rows[] = {{[](FakeCard& c) { c.vanished = true; }, ENODEV},
                      {[](FakeCard& c) { c.extended_error = EOPNOTSUPP; }, EOPNOTSUPP}};
  for (const Row& row : rows) {
    FakeCard card;
    row.spoil(card);
    const UseCard use{card};
    auto clock = CardClock::open(3, kFakeCardCalls);
    REQUIRE(clock);
    const auto sandwiches = clock->read();
    REQUIRE_FALSE(sandwiches);
    CHECK(sandwiches.error().errno_value == row.reason);
  }
}
