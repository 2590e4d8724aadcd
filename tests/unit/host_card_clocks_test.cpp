// SPDX-License-Identifier: MIT
#include "common/host/card_clocks.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "tests/unit/host_card.hpp"
#include "tests/unit/host_loop.hpp"

using namespace timecast;

namespace {

// A host with one card, whose time passes when a test says so.
struct Bench {
  explicit Bench(FakeCard wanted = {}) : card{std::move(wanted)} {}
  ~Bench() {
    clocks.reset();
    uv_run(outer.get(), UV_RUN_NOWAIT);  // frees what has gone
  }
  Bench(const Bench&) = delete;
  Bench& operator=(const Bench&) = delete;

  void seconds_pass(int count) {
    for (int i = 0; i < count; ++i) {
      card.ahead += Duration::seconds(1);
      clocks->read_all();
    }
  }

  FakeCard card;
  UseCard use{card};
  std::vector<std::string> said;
  Level worst = Level::info;  // of what was said
  Loop outer;
  Loop loop{outer.get(), [this](Level level, std::string_view text) {
              said.emplace_back(text);
              worst = std::min(worst, level);
            }};
  std::optional<CardClocks> clocks{std::in_place, loop, kFakeCardCalls};
};

}  // namespace

TEST_CASE("card clocks: a card's clock is known after three readings") {
  Bench bench;
  const auto clock = bench.clocks->of("eth0");
  REQUIRE(clock);
  CHECK(bench.clocks->known("eth0") == clock);
  bench.seconds_pass(1);
  CHECK_FALSE(clock->is_known());
  bench.seconds_pass(1);
  CHECK(clock->is_known());
  CHECK(bench.said == std::vector<std::string>{"eth0: hardware stamps, by /dev/ptp3"});
}

TEST_CASE("card clocks: where an interface has none, nothing is read, said or waited for") {
  FakeCard none;
  none.phc_index = -1;
  Bench bench{none};
  CHECK_FALSE(bench.clocks->of("eth0"));
  CHECK_FALSE(bench.clocks->known("eth0"));
  CHECK(bench.said.empty());
  CHECK(bench.card.extended_reads == 0);
  CHECK_FALSE(bench.loop.run_once());
}

TEST_CASE("card clocks: sockets of one interface share a clock") {
  Bench bench;
  const auto clock = bench.clocks->of("eth0");
  REQUIRE(clock);
  CHECK(bench.clocks->of("eth0") == clock);
  CHECK(bench.said.size() == 1);
}

TEST_CASE("card clocks: a clock that may not be read is told once, and stamps stay the kernel's") {
  FakeCard locked;
  locked.open_error = EACCES;
  Bench bench{locked};
  CHECK_FALSE(bench.clocks->of("eth0"));
  CHECK_FALSE(bench.clocks->of("eth0"));
  REQUIRE(bench.said.size() == 1);
  CHECK(bench.said[0].find("eth0: no hardware stamps: cannot read /dev/ptp3") == 0);
  CHECK(bench.worst == Level::info);
}

TEST_CASE("card clocks: a clock that vanishes is forgotten, told once, and found when it is back") {
  Bench bench;
  const auto clock = bench.clocks->of("eth0");
  REQUIRE(clock);
  bench.seconds_pass(2);
  REQUIRE(clock->is_known());
  bench.card.vanished = true;
  bench.seconds_pass(2);
  CHECK_FALSE(clock->is_known());
  CHECK_FALSE(bench.clocks->known("eth0"));
  CHECK_FALSE(bench.clocks->of("eth0"));
  CHECK(bench.said.size() == 2);
  CHECK(bench.worst == Level::warning);

  bench.card.vanished = false;
  CHECK(bench.clocks->of("eth0"));
}

TEST_CASE("card clocks: a clock that was set is told once, and followed again") {
  Bench bench;
  const auto clock = bench.clocks->of("eth0");
  REQUIRE(clock);
  bench.seconds_pass(2);
  for (int i = 0; i < 2; ++i) {
    bench.card.card_set += Duration::seconds(37);
    bench.seconds_pass(1);
    CHECK_FALSE(clock->is_known());
    bench.seconds_pass(2);
    CHECK(clock->is_known());
  }
  CHECK(bench.said.size() == 2);
}
