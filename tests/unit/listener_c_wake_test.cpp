// SPDX-License-Identifier: MIT
#include "tests/unit/listener_c_bench.hpp"

using namespace timecast;
using namespace timecast::test;

namespace {

constexpr Duration kSleep = Duration::seconds(600);
constexpr Duration kListen = Duration::milliseconds(1'200);

timecast_listener_config sleeper_config() {
  timecast_listener_config config = sensor_config();
  config.learn_ns = Duration::seconds(30).count_ns();
  config.sleep_ns = kSleep.count_ns();
  return config;
}

// Has learnt from announcements at whole seconds, the last one a second ago.
struct Learnt {
  SensorBench bench{sleeper_config()};
  ScriptedAnnouncer announcer;
  Learnt() { bench.live(announcer, 31); }
};

}  // namespace

TEST_CASE("c_api: who does not sleep listens all the time") {
  SensorBench bench;
  ScriptedAnnouncer announcer;
  bench.live(announcer, 400);
  CHECK(bench.wake().at_ns == bench.now_ns());
  CHECK(bench.wake().listen_ns == INT64_MAX);
}

TEST_CASE("c_api: who has heard nothing yet listens until he does") {
  SensorBench bench{sleeper_config()};
  bench.pass(Duration::seconds(1'000));
  CHECK(bench.wake().at_ns == bench.now_ns());
  CHECK(bench.wake().listen_ns == INT64_MAX);
}

TEST_CASE("c_api: a sleeper listens as long as it learns") {
  SensorBench bench{sleeper_config()};
  ScriptedAnnouncer announcer;
  bench.live(announcer, 10);
  CHECK(bench.wake().at_ns == bench.now_ns());
  CHECK(bench.wake().listen_ns == Duration::seconds(20).count_ns());
}

TEST_CASE("c_api: a sleeper wakes a moment before the announcement that is due after its sleep") {
  Learnt learnt;
  const timecast_listener_wake wake = learnt.bench.wake();
  const Duration slept = Duration::nanoseconds(wake.at_ns) - learnt.bench.counter;
  CHECK(magnitude(slept - (kSleep - Duration::milliseconds(30))) < Duration::milliseconds(10));
  CHECK(wake.listen_ns == kListen.count_ns());
  CHECK(learnt.bench.wake().at_ns == wake.at_ns);
}

TEST_CASE("c_api: a sleeper that has heard what tells something sleeps on at once") {
  Learnt learnt;
  const timecast_listener_wake first = learnt.bench.wake();
  learnt.bench.counter = Duration::nanoseconds(first.at_ns);
  CHECK(learnt.bench.wake().at_ns == first.at_ns);
  CHECK(learnt.bench.wake().listen_ns == kListen.count_ns());
  learnt.bench.pass(Duration::milliseconds(30));
  learnt.announcer.announcement.sequence += 568;
  CHECK(learnt.bench.hear(learnt.announcer) == 0);
  // The second one says when the first one left.
  CHECK(learnt.bench.wake().at_ns == learnt.bench.now_ns());
  learnt.bench.pass(Duration::seconds(1));
  CHECK(learnt.bench.hear(learnt.announcer) == 0);
  const timecast_listener_wake second = learnt.bench.wake();
  const Duration between = Duration::nanoseconds(second.at_ns - first.at_ns);
  CHECK(magnitude(between - kSleep) < Duration::milliseconds(20));
}

TEST_CASE("c_api: a sleeper that hears nothing listens no longer than it may") {
  Learnt learnt;
  const timecast_listener_wake first = learnt.bench.wake();
  learnt.bench.counter = Duration::nanoseconds(first.at_ns) + Duration::seconds(1);
  CHECK(learnt.bench.wake().at_ns == learnt.bench.now_ns());
  CHECK(learnt.bench.wake().listen_ns == Duration::milliseconds(200).count_ns());
  learnt.bench.pass(Duration::milliseconds(200));
  const timecast_listener_wake second = learnt.bench.wake();
  const Duration between = Duration::nanoseconds(second.at_ns - first.at_ns);
  CHECK(magnitude(between - kSleep) < Duration::milliseconds(100));
}

TEST_CASE("c_api: a board that woke late listens at once") {
  Learnt learnt;
  const timecast_listener_wake first = learnt.bench.wake();
  learnt.bench.counter = Duration::nanoseconds(first.at_ns) + kSleep * 3;
  const timecast_listener_wake late = learnt.bench.wake();
  CHECK(late.at_ns == learnt.bench.now_ns());
  CHECK(late.listen_ns == kListen.count_ns());
}
