// SPDX-License-Identifier: MIT
#include <cstring>

#include "tests/unit/listener_c_bench.hpp"

using namespace timecast;
using namespace timecast::test;

namespace {

constexpr std::array<std::uint8_t, 32> kOneKey{1};

template <class Change>
int init_with(Change change) {
  timecast_listener memory{};
  timecast_listener_config config = sensor_config();
  change(config);
  return timecast_listener_init(&memory, sizeof memory, &config);
}

}  // namespace

TEST_CASE("c_api: a listener is not made of what cannot be one, and says why") {
  struct Row {
    const char* name;
    int error;
    void (*spoil)(timecast_listener_config&);
  };
  constexpr std::int64_t kTooLong = 2'000'000'000;
  const Row rows[] = {
      {"older struct", TIMECAST_LISTENER_E_ARGUMENT, [](auto& c) { c.size -= 8; }},
      {"newer struct", TIMECAST_LISTENER_E_ARGUMENT, [](auto& c) { c.size += 8; }},
      {"signatures", TIMECAST_LISTENER_E_CONFIG, [](auto& c) { c.signatures = 3; }},
      {"listen_only", TIMECAST_LISTENER_E_CONFIG, [](auto& c) { c.listen_only = 2; }},
      {"hear_plain", TIMECAST_LISTENER_E_CONFIG, [](auto& c) { c.hear_plain = 2; }},
      {"reserved", TIMECAST_LISTENER_E_CONFIG, [](auto& c) { c.reserved = 1; }},
      {"delay below 0", TIMECAST_LISTENER_E_CONFIG, [](auto& c) { c.delay_ns = -1; }},
      {"delay of 2 s", TIMECAST_LISTENER_E_CONFIG, [](auto& c) { c.delay_ns = kTooLong; }},
      {"delay_uncertainty", TIMECAST_LISTENER_E_CONFIG,
       [](auto& c) { c.delay_uncertainty_ns = kTooLong; }},
      {"stamp_error", TIMECAST_LISTENER_E_CONFIG, [](auto& c) { c.stamp_error_ns = -1; }},
      {"not_before", TIMECAST_LISTENER_E_CONFIG, [](auto& c) { c.not_before_ns = -1; }},
      {"max_bound", TIMECAST_LISTENER_E_CONFIG, [](auto& c) { c.max_bound_ns = 0; }},
      {"learn", TIMECAST_LISTENER_E_CONFIG, [](auto& c) { c.learn_ns = -1; }},
      {"sleep", TIMECAST_LISTENER_E_CONFIG, [](auto& c) { c.sleep_ns = INT64_MAX; }},
      {"listen", TIMECAST_LISTENER_E_CONFIG, [](auto& c) { c.listen_ns = 0; }},
      {"first use, nothing checks", TIMECAST_LISTENER_E_VERIFY,
       [](auto& c) { c.verify = nullptr; }},
      {"pinned, nothing checks", TIMECAST_LISTENER_E_VERIFY,
       [](auto& c) {
         c.signatures = TIMECAST_LISTENER_PINNED;
         c.keys = kOneKey.data();
         c.key_count = 1;
         c.verify = nullptr;
       }},
      {"pinned, no key", TIMECAST_LISTENER_E_KEYS,
       [](auto& c) { c.signatures = TIMECAST_LISTENER_PINNED; }},
      {"keys at NULL", TIMECAST_LISTENER_E_KEYS, [](auto& c) { c.key_count = 1; }},
      {"nine keys", TIMECAST_LISTENER_E_KEYS,
       [](auto& c) {
         c.keys = kOneKey.data();
         c.key_count = 9;
       }},
      {"asks, nothing random", TIMECAST_LISTENER_E_RANDOM, [](auto& c) { c.listen_only = 0; }},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    CHECK(init_with(row.spoil) == row.error);
  }
}

TEST_CASE(
    "c_api: without a check of signatures only unsigned operation that is said aloud begins") {
  CHECK(init_with([](auto& c) {
          c.verify = nullptr;
          c.signatures = TIMECAST_LISTENER_UNSIGNED;
        }) == 0);
}

TEST_CASE("c_api: memory that is too small or not aligned is refused and not touched") {
  const timecast_listener_config config = sensor_config();
  alignas(8) std::array<unsigned char, sizeof(timecast_listener) + 8> memory{};
  auto* const aligned = reinterpret_cast<timecast_listener*>(memory.data());
  auto* const crooked = reinterpret_cast<timecast_listener*>(memory.data() + 4);
  CHECK(timecast_listener_init(aligned, 1'000, &config) == TIMECAST_LISTENER_E_MEMORY);
  CHECK(timecast_listener_init(crooked, sizeof(timecast_listener), &config) ==
        TIMECAST_LISTENER_E_MEMORY);
  CHECK(memory == decltype(memory){});
  CHECK(timecast_listener_init(nullptr, sizeof(timecast_listener), &config) ==
        TIMECAST_LISTENER_E_ARGUMENT);
  CHECK(timecast_listener_init(aligned, sizeof(timecast_listener), nullptr) ==
        TIMECAST_LISTENER_E_ARGUMENT);
}

TEST_CASE("c_api: defaults are for a struct whose size is known") {
  timecast_listener_config config{};
  CHECK(timecast_listener_defaults(nullptr) == TIMECAST_LISTENER_E_ARGUMENT);
  CHECK(timecast_listener_defaults(&config) == TIMECAST_LISTENER_E_ARGUMENT);
  config.size = sizeof config;
  CHECK(timecast_listener_defaults(&config) == 0);
  CHECK(config.signatures == TIMECAST_LISTENER_FIRST_USE);
  CHECK(config.delay_ns == 100'000);
  CHECK(config.sleep_ns == 0);
}

TEST_CASE("c_api: what was never initialised answers no call") {
  timecast_listener memory{};
  auto arrival = sized<timecast_listener_arrival>();
  auto query = sized<timecast_listener_query>();
  auto time = sized<timecast_listener_time>();
  auto wake = sized<timecast_listener_wake>();
  auto status = sized<timecast_listener_status>();
  std::array<std::uint8_t, TIMECAST_LISTENER_SAVED_OCTETS> saved{};
  std::int64_t due = 7;
  for (timecast_listener* const self : {&memory, static_cast<timecast_listener*>(nullptr)}) {
    CAPTURE(self == nullptr);
    constexpr int kRefused = TIMECAST_LISTENER_E_ARGUMENT;
    CHECK(timecast_listener_on_datagram(self, "", 0, &arrival) == kRefused);
    CHECK(timecast_listener_on_announcement(self, "", 0, &arrival) == kRefused);
    CHECK(timecast_listener_on_deadline(self, 0, &query) == kRefused);
    CHECK(timecast_listener_next_deadline(self, &due) == kRefused);
    CHECK(timecast_listener_on_query_sent(self, 1, 0) == kRefused);
    CHECK(timecast_listener_now(self, 0, &time) == kRefused);
    CHECK(timecast_listener_next_wake(self, 0, &wake) == kRefused);
    CHECK(timecast_listener_get_status(self, 0, &status) == kRefused);
    CHECK(timecast_listener_save(self, saved.data(), saved.size()) == kRefused);
    CHECK(timecast_listener_restore(self, saved.data(), saved.size()) == kRefused);
  }
  CHECK(due == 7);
}

TEST_CASE("c_api: structs of another size and NULL are refused") {
  SensorBench bench;
  timecast_listener* const self = &bench.listener;
  timecast_listener_arrival arrival{};
  timecast_listener_query query{};
  timecast_listener_time time{};
  timecast_listener_wake wake{};
  timecast_listener_status status{};
  constexpr int kRefused = TIMECAST_LISTENER_E_ARGUMENT;
  CHECK(timecast_listener_on_datagram(self, "", 0, &arrival) == kRefused);
  CHECK(timecast_listener_on_datagram(self, "", 0, nullptr) == kRefused);
  arrival = bench.arrival(ScriptedAnnouncer{});
  CHECK(timecast_listener_on_datagram(self, nullptr, 0, &arrival) == kRefused);
  CHECK(timecast_listener_on_deadline(self, 0, &query) == kRefused);
  CHECK(timecast_listener_on_deadline(self, 0, nullptr) == kRefused);
  CHECK(timecast_listener_next_deadline(self, nullptr) == kRefused);
  CHECK(timecast_listener_now(self, 0, &time) == kRefused);
  CHECK(timecast_listener_now(self, 0, nullptr) == kRefused);
  CHECK(timecast_listener_next_wake(self, 0, &wake) == kRefused);
  CHECK(timecast_listener_get_status(self, 0, &status) == kRefused);
  CHECK(timecast_listener_save(self, nullptr, 1'000) == kRefused);
  CHECK(timecast_listener_restore(self, nullptr, 1'000) == kRefused);
}

TEST_CASE("c_api: an arrival that cannot be is refused") {
  struct Row {
    const char* name;
    void (*spoil)(timecast_listener_arrival&);
  };
  const Row rows[] = {
      {"sender's family", [](auto& a) { a.from.family = 5; }},
      {"own family", [](auto& a) { a.to.family = 0; }},
      {"hop limit", [](auto& a) { a.hop_limit = 256; }},
      {"reserved", [](auto& a) { a.reserved = 1; }},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    SensorBench bench;
    timecast_listener_arrival arrival = bench.arrival(ScriptedAnnouncer{});
    row.spoil(arrival);
    CHECK(timecast_listener_on_datagram(&bench.listener, "", 0, &arrival) ==
          TIMECAST_LISTENER_E_ARGUMENT);
    CHECK(bench.status().refused == 0);
  }
}

TEST_CASE("c_api: there is no time before anything was heard, and a reason") {
  SensorBench bench;
  auto time = sized<timecast_listener_time>();
  CHECK(timecast_listener_now(&bench.listener, bench.now_ns(), &time) ==
        TIMECAST_LISTENER_E_NO_TIME);
  CHECK(time.state == TIMECAST_LISTENER_SEARCHING);
  CHECK(time.reason == TIMECAST_LISTENER_NOTHING_HEARD);
  CHECK(time.time_ns == 0);
  CHECK(time.bound_ns == 0);
}

TEST_CASE("c_api: a sensor that listens knows the time within its bound") {
  SensorBench bench;
  ScriptedAnnouncer announcer;
  bench.live(announcer, 60);
  const timecast_listener_time time = bench.time();
  CHECK(time.state == TIMECAST_LISTENER_TENTATIVE);
  CHECK(time.reason == TIMECAST_LISTENER_LISTEN_ONLY);
  const std::int64_t truth = bench.truth_ns(announcer);
  CHECK(time.earliest_ns <= truth);
  CHECK(truth <= time.latest_ns);
  CHECK(time.latest_ns - time.time_ns == time.bound_ns);
  CHECK(time.time_ns - time.earliest_ns == time.bound_ns);
  CHECK(magnitude(Duration::nanoseconds(time.time_ns - truth)) < Duration::microseconds(100));
  CHECK(bench.status().announcements == 60);
  CHECK(bench.status().key[0] == announcer.key);
}

TEST_CASE("c_api: a datagram whose signature does not hold is counted and changes nothing") {
  SensorBench bench;
  ScriptedAnnouncer announcer;
  bench.live(announcer, 5);
  const Moment now = bench.moment();
  Datagram octets = announcer.announce(now);
  octets.back() ^= 1U;
  octets[kHeaderOctets + 60] ^= 1U;
  const auto arrival = bench.arrival(announcer);
  CHECK(timecast_listener_on_datagram(&bench.listener, octets.data(), octets.size(), &arrival) ==
        1);
  CHECK(bench.status().announcements == 5);
  CHECK(bench.status().refused == 1);
  CHECK(std::string{timecast_listener_refusal_text(bench.status().most_often)} == "bad_signature");
}

TEST_CASE("c_api: who may ask asks when the deadline comes, and measures the delay") {
  std::uint8_t seed = 1;
  timecast_listener_config config = sensor_config();
  config.signatures = TIMECAST_LISTENER_UNSIGNED;
  config.listen_only = 0;
  config.random = count_up;
  config.random_context = &seed;
  SensorBench bench{config};
  ScriptedAnnouncer announcer;
  std::int64_t due = 0;
  CHECK(timecast_listener_next_deadline(&bench.listener, &due) == 0);
  CHECK(due == INT64_MAX);
  bench.live(announcer, 3);
  REQUIRE(timecast_listener_next_deadline(&bench.listener, &due) == 0);
  bench.counter = std::max(bench.counter, Duration::nanoseconds(due));
  auto query = sized<timecast_listener_query>();
  REQUIRE(timecast_listener_on_deadline(&bench.listener, bench.now_ns(), &query) == 1);
  CHECK(query.to_port == 11'123);
  CHECK(query.to.octets[3] == announcer.key);
  CHECK(timecast_listener_on_query_sent(&bench.listener, query.token, bench.now_ns()) == 0);
  bench.pass(announcer.delay * 2);
  const Moment now = bench.moment();
  const Datagram reply = announcer.reply({query.octets, query.length}, now);
  auto arrival = bench.arrival(announcer);
  arrival.to = {4, {192, 0, 2, 100}};
  CHECK(timecast_listener_on_datagram(&bench.listener, reply.data(), reply.size(), &arrival) == 0);
  CHECK(bench.status().exchanges == 1);
  CHECK(bench.time().lateness_bounded == 1);
}

TEST_CASE("c_api: who hears announcements alone takes them, and nothing else") {
  SensorBench bench;
  ScriptedAnnouncer announcer;
  auto arrival = bench.arrival(announcer);
  const auto hear = [&](const Datagram& octets) {
    return timecast_listener_on_announcement(&bench.listener, octets.data(), octets.size(),
                                             &arrival);
  };
  const auto refused = [&] {
    return std::string{timecast_listener_refusal_text(bench.status().most_often)};
  };
  for (int i = 0; i < 3; ++i) {
    arrival.at_ns = bench.now_ns();
    CHECK(hear(announcer.announce(bench.moment())) == 0);
    bench.pass(Duration::seconds(1));
  }
  CHECK(bench.status().announcements == 3);
  CHECK(bench.time().error_ns > 0);

  Datagram reply = announcer.announce(bench.moment());
  reply[0] = static_cast<std::uint8_t>((reply[0] & ~7U) | 4U);  // mode 4
  CHECK(hear(reply) == 1);
  CHECK(refused() == "unsolicited");
  CHECK(hear(Datagram(10)) == 1);
  reply[0] = static_cast<std::uint8_t>((reply[0] & ~7U) | 3U);
  CHECK(hear(reply) == 1);
  CHECK(bench.status().refused == 3);
  CHECK(bench.status().announcements == 3);
}

TEST_CASE("c_api: who may ask cannot hear announcements alone") {
  std::uint8_t seed = 1;
  timecast_listener_config config = sensor_config();
  config.listen_only = 0;
  config.random = count_up;
  config.random_context = &seed;
  SensorBench bench{config};
  ScriptedAnnouncer announcer;
  const auto arrival = bench.arrival(announcer);
  const Datagram octets = announcer.announce(bench.moment());
  CHECK(timecast_listener_on_announcement(&bench.listener, octets.data(), octets.size(),
                                          &arrival) == TIMECAST_LISTENER_E_ARGUMENT);
  CHECK(bench.status().announcements == 0);
  CHECK(bench.status().refused == 0);
}

TEST_CASE("c_api: nothing is asked where only listening is allowed") {
  SensorBench bench;
  ScriptedAnnouncer announcer;
  bench.live(announcer, 5);
  std::int64_t due = 0;
  CHECK(timecast_listener_next_deadline(&bench.listener, &due) == 0);
  CHECK(due == INT64_MAX);
  auto query = sized<timecast_listener_query>();
  CHECK(timecast_listener_on_deadline(&bench.listener, bench.now_ns(), &query) == 0);
}

TEST_CASE("c_api: init begins anew") {
  SensorBench bench;
  ScriptedAnnouncer announcer;
  bench.live(announcer, 5);
  const timecast_listener_config config = sensor_config();
  CHECK(timecast_listener_init(&bench.listener, sizeof bench.listener, &config) == 0);
  CHECK(bench.status().announcements == 0);
}

TEST_CASE("c_api: every error has its own sentence") {
  std::vector<std::string> seen;
  for (int error = 0; error >= TIMECAST_LISTENER_E_LATE; --error) {
    const std::string text = timecast_listener_error_text(error);
    CAPTURE(error);
    CHECK(text != "unknown error");
    CHECK(std::find(seen.begin(), seen.end(), text) == seen.end());
    seen.push_back(text);
  }
  CHECK(std::string{timecast_listener_error_text(-99)} == "unknown error");
  CHECK(std::string{timecast_listener_refusal_text(9'999)} == "unnamed");
}

TEST_CASE("c_api: the library tells the version of its interface") {
  CHECK(timecast_listener_version() ==
        TIMECAST_LISTENER_VERSION_MAJOR * 65'536U + TIMECAST_LISTENER_VERSION_MINOR);
}
