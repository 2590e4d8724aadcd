// SPDX-License-Identifier: MIT
#include "announcer/daemon/kernel_reader.hpp"

#include <doctest/doctest.h>

#include <cerrno>
#include <vector>

#include "common/host/clock_keeper.hpp"

using namespace timecast;

namespace {

constexpr Duration ms(std::int64_t n) { return Duration::milliseconds(n); }
constexpr Duration us(std::int64_t n) { return Duration::microseconds(n); }

// A keeper, and an announcer that asks it.
struct Scene {
  explicit Scene(bool has_keeper = true)
      : reader{[this](Duration patience) {
                 asked.push_back(patience);
                 return word;
               },
               has_keeper} {
    word.synchronised = true;
    word.leap = Leap::none;
    word.max_error = us(1'000);
  }
  void fall_silent() {
    word = {};
    word.failure = kKeeperSilent;
  }
  // At so many milliseconds after a full second.
  static Moment moment(std::int64_t at_ms, Duration set_by = {}) {
    const Duration at = ms(at_ms);
    return {Timestamp<Realtime>{Duration::seconds(1'790'000'000) + at + set_by},
            Timestamp<Raw>{Duration::seconds(50) + at},
            Timestamp<Boot>{Duration::seconds(70) + at}};
  }
  KernelClock read(std::int64_t at_ms, Duration set_by = {}) {
    return reader.read(moment(at_ms, set_by));
  }
  KernelClock known(std::int64_t at_ms, Duration set_by = {}) {
    return reader.known(moment(at_ms, set_by));
  }

  KernelClock word;
  std::vector<Duration> asked;
  KernelReader reader;
};

}  // namespace

TEST_CASE("kernel's word: without a keeper it is read each time") {
  Scene scene{false};
  for (int i = 0; i < 3; ++i) CHECK(scene.read(100).synchronised);
  CHECK(scene.asked.size() == 3);
  scene.word.failure = EPERM;
  CHECK(scene.read(100).failure == EPERM);
}

TEST_CASE("kernel's word: a keeper is asked once in a second of the clock, however many ask") {
  Scene scene;
  for (int at = 0; at < 3'000; at += 10) CHECK(scene.read(at).synchronised);
  CHECK(scene.asked.size() == 3);
}

TEST_CASE("kernel's word: only the first may take longer than 20 ms") {
  Scene scene;
  scene.fall_silent();
  for (int at = 0; at < 10'000; at += 10) scene.read(at);
  CHECK(scene.asked.size() == 10);
  for (std::size_t i = 1; i < scene.asked.size(); ++i) CHECK(scene.asked[i] <= ms(20));
}

TEST_CASE("kernel's word: of a silent keeper the last one holds three seconds, and grows") {
  Scene scene;
  scene.read(500);
  scene.fall_silent();
  CHECK(scene.read(1'100).max_error == us(1'500));
  CHECK(scene.read(3'400).max_error == us(2'500));
  CHECK(scene.read(3'400).synchronised);
  const KernelClock untold = scene.read(3'500);
  CHECK_FALSE(untold.synchronised);
  CHECK(untold.leap == Leap::unsynchronised);
  CHECK(untold.failure == kKeeperSilent);
}

TEST_CASE("kernel's word: a keeper that answers again is believed at once") {
  Scene scene;
  scene.fall_silent();
  CHECK(scene.read(0).failure == kKeeperSilent);
  scene.word = {};
  scene.word.synchronised = true;
  CHECK(scene.read(1'000).synchronised);
  CHECK(scene.read(1'000).failure == 0);
}

TEST_CASE("kernel's word: before a leap second no old word holds") {
  for (const Leap leap : {Leap::insert_second, Leap::delete_second}) {
    Scene scene;
    scene.word.leap = leap;
    for (int at = 0; at < 100; at += 10) scene.read(at);
    CHECK(scene.asked.size() == 10);
    scene.fall_silent();
    CHECK_FALSE(scene.read(100).synchronised);
  }
}

TEST_CASE("kernel's word: a clock that was set makes an old word none") {
  Scene scene;
  scene.read(100);
  scene.word.synchronised = false;
  CHECK_FALSE(scene.read(110, ms(200)).synchronised);
  scene.fall_silent();
  CHECK(scene.read(200, -ms(300)).failure == kKeeperSilent);
}

TEST_CASE("kernel's word: no reply waits for a keeper, whether it has answered or not") {
  Scene scene;
  CHECK_FALSE(scene.known(0).synchronised);
  CHECK(scene.asked.empty());
  scene.read(100);
  for (int at = 110; at < 3'100; at += 10) CHECK(scene.known(at).synchronised);
  CHECK(scene.known(2'500).max_error == us(2'000));  // as the kernel has it grow
  scene.fall_silent();
  scene.read(3'200);
  for (int at = 3'200; at < 60'000; at += 10)
    CHECK_FALSE(scene.known(at, ms(at / 1'000)).synchronised);
  CHECK(scene.known(60'000).failure == kKeeperSilent);
  CHECK(scene.asked.size() == 2);
}

TEST_CASE("kernel's word: where what is known is void, a reply asks") {
  Scene scene;
  scene.read(100);
  scene.word.synchronised = false;
  CHECK_FALSE(scene.known(110, ms(200)).synchronised);
  CHECK(scene.asked.size() == 2);
  Scene leaping;
  leaping.word.leap = Leap::insert_second;
  for (int at = 0; at < 100; at += 10) leaping.read(at);
  for (int at = 100; at < 200; at += 10) CHECK(leaping.known(at).leap == Leap::insert_second);
  CHECK(leaping.asked.size() == 20);
}

TEST_CASE("kernel's word: a keeper is asked again within the time that its word holds") {
  Scene scene;
  CHECK(scene.reader.next_ask() <= Scene::moment(0).boot);
  for (std::int64_t at = 100; at < 60'000;) {
    if (at == 30'100) scene.fall_silent();
    CHECK(scene.read(at).synchronised == (at < 32'000));
    const auto next = scene.reader.next_ask();
    REQUIRE(next);
    CHECK(*next - Scene::moment(at).boot == ms(1'250));
    at += 1'250;
  }
  Scene direct{false};
  CHECK_FALSE(direct.reader.next_ask());
  CHECK(direct.known(0).synchronised);
}
