// SPDX-License-Identifier: MIT
#include "listener/daemon/jump_watch.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace timecast::test {
namespace {

constexpr Duration kLater = Duration::seconds(1);

// What is seen of packets that come `seconds` apart, each ahead by so many milliseconds: "." for
// none, else the jump in milliseconds.
std::string seen_of(const std::vector<std::int64_t>& ahead_ms, std::int64_t seconds = 1) {
  JumpWatch watch;
  std::string text;
  Timestamp<Boot> at;
  for (const std::int64_t each : ahead_ms) {
    const auto jump = watch.look(Duration::milliseconds(each), at);
    text += (text.empty() ? "" : " ");
    text += jump ? std::to_string(jump->count_ns() / 1'000'000) : ".";
    at = at + Duration::seconds(seconds);
  }
  return text;
}

}  // namespace

TEST_CASE("jump watch: sees jumps, and takes neither late packets nor drift for one") {
  struct Row {
    const char* what;
    std::vector<std::int64_t> ahead_ms;
    const char* seen;
  };
  for (const Row& row : {
           Row{"steady", {0, 1, -1, 2, 0}, ". . . . ."},
           Row{"forward, at once", {0, 0, 150, 150, 150}, ". . 150 . ."},
           Row{"less than a jump", {0, 100, 100}, ". . ."},
           Row{"far forward", {0, 3'600'000, 3'600'000}, ". 3600000 ."},
           Row{"back, when three agree", {0, -500, -500, -501, -500}, ". . . -499 ."},
           Row{"late packets do not agree",
               {0, -300, -220, -140, -300, -220, -140, 0},
               ". . . . . . . ."},
           Row{"two late packets alike", {0, -300, -300, 0, -300, -300, 0}, ". . . . . . ."},
           Row{"after late packets the next in time", {0, -300, -300, 50}, ". . . ."},
           Row{"forward and back", {0, 500, 500, 0, 0, 0}, ". 500 . . . -498"},
       }) {
    CAPTURE(row.what);
    CHECK(seen_of(row.ahead_ms) == row.seen);
  }
}

TEST_CASE("jump watch: clocks that drift apart do not jump, however rare the packets") {
  CHECK(seen_of({0, 64, 128, 192}, 64) == ". . . .");      // 1000 ppm
  CHECK(seen_of({0, -64, -128, -192}, 64) == ". . . .");   // the other way
  CHECK(seen_of({0, 0, 1000, 1000}, 64) == ". . 1000 .");  // and a jump is one
}

TEST_CASE("jump watch: what is known from elsewhere is no jump afterwards") {
  JumpWatch watch;
  const Timestamp<Boot> at{Duration::seconds(9)};
  CHECK(watch.restart(Duration::seconds(5), at) == Duration{});
  CHECK(watch.restart(Duration::seconds(7), at) == Duration::seconds(2));
  CHECK_FALSE(watch.look(Duration::seconds(7), at));
  watch.forget();
  CHECK_FALSE(watch.look(Duration::seconds(1), at));
}

TEST_CASE("jump watch: the wildest clocks jump by as much as can be said") {
  JumpWatch watch;
  CHECK_FALSE(watch.look(Duration::min(), Timestamp<Boot>{}));
  CHECK(watch.look(Duration::max(), Timestamp<Boot>{kLater}) == Duration::max());
  CHECK_FALSE(watch.look(Duration::max(), Timestamp<Boot>{}));  // before the last
}

}  // namespace timecast::test
