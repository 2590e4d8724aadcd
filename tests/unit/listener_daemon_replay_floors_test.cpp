// SPDX-License-Identifier: MIT
#include "listener/daemon/replay_floors.hpp"

#include <doctest/doctest.h>

#include <optional>

#include "common/host/signing_key.hpp"
#include "tests/unit/host_directory.hpp"

using namespace timecast;

namespace {

constexpr Timestamp<Boot> kNow{Duration::seconds(5'000)};

Duration s(std::int64_t n) { return Duration::seconds(n); }

PublicKey key_of(std::uint8_t first) {
  PublicKey key{};
  key[0] = first;
  return key;
}

// Announced so many seconds after an hour that does not matter.
ReplayFloors::Word word(std::int64_t seconds, std::uint32_t chain = 7, std::uint8_t key = 1,
                        std::uint32_t interface = 2) {
  return {key_of(key), chain, interface, Timestamp<Announced>{s(1'793'491'200 + seconds)}};
}

ReplayFloors kept(const ReplayFloors& floors) {
  auto read = parse_floors(floors_text(floors), "floors", kNow);
  REQUIRE(read);
  return *read;
}

}  // namespace

TEST_CASE("replay floors: a key that has announced nothing has none") {
  const ReplayFloors floors;
  CHECK_FALSE(floors.is_below(word(-1'000'000)));
}

TEST_CASE("replay floors: what the next listener hears of before is below, by whatever chain") {
  ReplayFloors floors;
  floors.admit(word(100), kNow);
  const ReplayFloors next = kept(floors);
  CHECK(next.is_below(word(99)));
  CHECK(next.is_below(word(99, 8)));
  CHECK(next.is_below(word(-1'000'000, 9)));
  CHECK(next.is_below(word(100)));
  CHECK_FALSE(next.is_below(word(101, 8)));
  CHECK_FALSE(next.is_below(word(50, 7, 2)));
}

TEST_CASE("replay floors: chains that were heard are left to the core, on their interface") {
  ReplayFloors floors;
  floors.admit(word(100), kNow);
  CHECK_FALSE(floors.is_below(word(50)));
  CHECK(floors.is_below(word(50, 8)));
  CHECK(floors.is_below(word(50, 7, 1, 3)));
}

TEST_CASE("attack: one announcement of a year ahead raises the floor by ten minutes") {
  ReplayFloors floors;
  floors.admit(word(0), kNow);
  floors.admit(word(365 * 86'400), kNow + s(60));
  CHECK_FALSE(floors.is_below(word(661, 8)));
  CHECK(floors.is_below(word(660, 8)));
  // Whoever was off for long catches up.
  ReplayFloors after_a_month = kept(floors);
  for (int i = 0; i < 5'000; ++i) {
    after_a_month.admit(word(30 * 86'400 + i), kNow + s(i));
  }
  CHECK(after_a_month.is_below(word(30 * 86'400 + 4'000, 8)));
}

TEST_CASE("replay floors: a key's own word lowers its floor, never raises it") {
  ReplayFloors floors;
  floors.admit(word(100), kNow);
  floors.admit(word(100, 7, 2), kNow);
  floors.lower(key_of(1), word(40).at, kNow);
  CHECK_FALSE(floors.is_below(word(41, 8)));
  CHECK(floors.is_below(word(40, 8)));
  CHECK(floors.is_below(word(40, 8, 2)));
  floors.lower(key_of(1), word(1'000).at, kNow);
  CHECK_FALSE(floors.is_below(word(41, 8)));
  floors.forget(key_of(1));
  CHECK_FALSE(floors.is_below(word(-1'000, 8)));
}

TEST_CASE("replay floors: what is read again is merged with what was heard since") {
  struct Row {
    const char* name;
    std::optional<std::int64_t> here, before, file, merged;
  };
  const Row rows[] = {
      {"read at the start", {}, {}, 100, 100},
      {"an old file says less", 700, 100, 100, 700},
      {"no file was ever written", 700, {}, {}, 700},
      {"an operator took it away", 700, 100, {}, {}},
      {"another listener wrote later", 700, 100, 900, 900},
      {"another listener wrote less", 700, 100, 300, 700},
      {"a fresh answer lowered it", 50, 100, 100, 50},
      {"forgotten here, since its secret is another", {}, 100, 100, {}},
  };
  const auto floors_at = [](const std::optional<std::int64_t>& seconds) {
    if (!seconds) return ReplayFloors{};
    return ReplayFloors{{{key_of(1), word(*seconds).at, kNow}}};
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    ReplayFloors floors = floors_at(row.here);
    floors.admit(word(1, 7, 2), kNow);
    floors.merge(floors_at(row.file), floors_at(row.before));
    CHECK(floors.all().size() == (row.merged ? 2 : 1));
    if (row.merged) CHECK(floors.is_below(word(*row.merged, 8)));
    CHECK_FALSE(floors.is_below(word(row.merged.value_or(-1'000) + 1, 8)));
    CHECK_FALSE(floors.is_below(word(0, 7, 2)));  // a chain that was heard is left to the core
  }
}

TEST_CASE("replay floors: once the core begins anew no chain counts as heard") {
  ReplayFloors floors;
  floors.admit(word(100), kNow);
  REQUIRE_FALSE(floors.is_below(word(50)));
  floors.forget_heard();
  CHECK(floors.is_below(word(50)));
  CHECK_FALSE(floors.is_below(word(101)));
}

TEST_CASE("replay floors: neither keys nor chains without number take memory without end") {
  ReplayFloors floors;
  for (std::uint32_t i = 0; i < 10'000; ++i) {
    floors.admit(word(i, i, static_cast<std::uint8_t>(i % 200)), kNow);
  }
  CHECK(floors.all().size() <= 16);
}

TEST_CASE("replay floors: they are kept in a file of lines") {
  const TemporaryDirectory directory;
  ReplayFloors floors;
  floors.admit(word(0), kNow);
  REQUIRE(write_floors(directory.path(), floors));
  CHECK(file_content(directory / "listener.floors") ==
        to_base64(key_of(1)) + " 1793491200000000000\n");
  const auto read = read_floors(directory.path(), kNow);
  REQUIRE(read);
  CHECK(read->is_below(word(-1)));
  CHECK(read_floors(directory / "nothing", kNow)->all().empty());
}

TEST_CASE("replay floors: a line that is none is named") {
  const std::string key = to_base64(key_of(1));
  for (const std::string& bad : {std::string{}, std::string{"x"}, key, key + " ", key + " x",
                                 key + " -1", key + " 1 2", key + " 9223372036854775808"}) {
    CAPTURE(bad);
    const auto read = parse_floors(key + " 1\n" + bad + "\n", "the/floors", kNow);
    REQUIRE_FALSE(read);
    CHECK(read.error().text ==
          "the/floors:2: this is no key with a time; remove the line, or the file");
  }
}
