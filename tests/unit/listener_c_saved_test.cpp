// SPDX-License-Identifier: MIT
#include "tests/unit/listener_c_bench.hpp"

using namespace timecast;
using namespace timecast::test;

namespace {

using Octet = std::uint8_t;

std::vector<Octet> saved_of(const SensorBench& bench) {
  std::vector<Octet> octets(TIMECAST_LISTENER_SAVED_OCTETS);
  const int length = timecast_listener_save(&bench.listener, octets.data(), octets.size());
  REQUIRE(length > 0);
  octets.resize(static_cast<std::size_t>(length));
  return octets;
}

int restore(SensorBench& bench, const std::vector<Octet>& saved) {
  return timecast_listener_restore(&bench.listener, saved.data(), saved.size());
}

// A minute with an announcer, and what it leaves.
struct Before {
  SensorBench bench;
  ScriptedAnnouncer announcer;
  Before() { bench.live(announcer, 60); }
};

}  // namespace

TEST_CASE("c_api: what was saved comes back: the frequency, and the keys of first use") {
  Before before;
  const auto saved = saved_of(before.bench);
  SensorBench after;
  REQUIRE(restore(after, saved) == 0);
  CHECK(saved_of(after)[8] == saved[8]);

  ScriptedAnnouncer stranger = announcer_of(2);
  after.counter = before.bench.counter;
  CHECK(after.hear(stranger) == 1);
  CHECK(std::string{timecast_listener_refusal_text(after.status().most_often)} == "unknown_key");
  CHECK(after.hear(before.announcer) == 0);
}

TEST_CASE("c_api: a frequency that comes back is believed to 20 ppm at best") {
  Before before;
  SensorBench after;
  REQUIRE(restore(after, saved_of(before.bench)) == 0);
  after.counter = before.bench.counter;
  CHECK(after.hear(before.announcer) == 0);
  const timecast_listener_status status = after.status();
  CHECK(status.frequency_error_ppt >= 19'000'000);
  CHECK(status.frequency_error_ppt < 100'000'000);
}

TEST_CASE("c_api: a record of before what was saved is not believed after a restart") {
  Before before;
  ScriptedAnnouncer then = before.announcer;
  SensorBench after;
  REQUIRE(restore(after, saved_of(before.bench)) == 0);
  after.counter = before.bench.counter - Duration::seconds(10);
  CHECK(after.hear(then) == 1);
  CHECK(std::string{timecast_listener_refusal_text(after.status().most_often)} ==
        "implausible_time");
  SensorBench forgetful;
  forgetful.counter = after.counter;
  CHECK(forgetful.hear(then) == 0);
}

TEST_CASE("c_api: keys that are configured are all that count, whatever was saved") {
  Before before;
  const PublicKey other = sim::toy_signer(2).key;
  timecast_listener_config config = sensor_config();
  config.signatures = TIMECAST_LISTENER_PINNED;
  config.keys = other.data();
  config.key_count = 1;
  SensorBench after{config};
  REQUIRE(restore(after, saved_of(before.bench)) == 0);
  after.counter = before.bench.counter;
  CHECK(after.hear(before.announcer) == 1);
  ScriptedAnnouncer second = announcer_of(2);
  CHECK(after.hear(second) == 0);
}

TEST_CASE("c_api: any octet that is damaged, missing or too much refuses the whole") {
  Before before;
  const auto saved = saved_of(before.bench);
  for (std::size_t i = 0; i < saved.size(); ++i) {
    CAPTURE(i);
    std::vector<Octet> spoilt = saved;
    spoilt[i] ^= 0x10U;
    SensorBench after;
    CHECK(restore(after, spoilt) ==
          (i == 4 || i == 5 ? TIMECAST_LISTENER_E_VERSION : TIMECAST_LISTENER_E_DAMAGED));
    ScriptedAnnouncer stranger = announcer_of(2);
    CHECK(after.hear(stranger) == 0);
  }
  for (std::size_t length = 0; length < saved.size(); ++length) {
    CAPTURE(length);
    SensorBench after;
    CHECK(timecast_listener_restore(&after.listener, saved.data(), length) ==
          TIMECAST_LISTENER_E_DAMAGED);
  }
  std::vector<Octet> longer = saved;
  longer.push_back(0);
  SensorBench after;
  CHECK(restore(after, longer) == TIMECAST_LISTENER_E_DAMAGED);
}

TEST_CASE("c_api: a buffer that is too small is said to be, and not written to") {
  Before before;
  const auto saved = saved_of(before.bench);
  std::vector<Octet> octets(saved.size() - 1);
  CHECK(timecast_listener_save(&before.bench.listener, octets.data(), octets.size()) ==
        TIMECAST_LISTENER_E_SPACE);
  CHECK(all_zero(octets));
}

TEST_CASE("c_api: nothing is restored once something was heard") {
  Before before;
  CHECK(restore(before.bench, saved_of(before.bench)) == TIMECAST_LISTENER_E_LATE);
}

TEST_CASE("c_api: what knows nothing yet saves what it was told") {
  Before before;
  SensorBench between;
  const auto saved = saved_of(before.bench);
  REQUIRE(restore(between, saved) == 0);
  const auto again = saved_of(between);
  CHECK(again.size() == saved.size());
  CHECK(equal_octets(Octets{again}.subspan(24, 40), Octets{saved}.subspan(24, 40)));
}
