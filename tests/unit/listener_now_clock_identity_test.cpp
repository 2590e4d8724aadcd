// SPDX-License-Identifier: MIT
#include "listener/now/clock_identity.hpp"

#include <doctest/doctest.h>

#include "tests/unit/host_directory.hpp"

using namespace timecast;

TEST_CASE("clock identity: who cannot know the boot still knows the time namespace") {
  CHECK(boot_word("/nowhere/boot_id") == 0);
  CHECK(time_namespace_word("/nowhere/time") == 0);
  const TemporaryDirectory space;
  CHECK(time_namespace_word(space.path().c_str()) != 0);
  CHECK(static_cast<std::uint32_t>(clock_identity()) == time_namespace_word("/proc/self/ns/time"));
}

TEST_CASE("clock identity: each boot has another word, and what is cut short is none") {
  const TemporaryDirectory files;
  put_file(files / "one", "0f4c9a3e-7d7b-4a25-9f0c-2d9f3b1f5a01\n");
  put_file(files / "two", "0f4c9a3e-7d7b-4a25-9f0c-2d9f3b1f5a02\n");
  put_file(files / "cut", "0f4c9a3e");
  const auto word = [&](const char* name) { return boot_word((files / name).c_str()); };
  CHECK(word("one") != 0);
  CHECK(word("one") == word("one"));
  CHECK(word("one") != word("two"));
  CHECK(word("cut") == 0);
}

TEST_CASE("clock identity: clocks are others where one word differs that both know") {
  struct Row {
    std::uint64_t ours;
    std::uint64_t theirs;
    bool others;
  };
  constexpr std::uint64_t kBoot = 7ULL << 32U;
  const Row rows[] = {
      {kBoot | 3, kBoot | 3, false},
      {kBoot | 3, kBoot | 4, true},
      {kBoot | 3, 8ULL << 32U | 3, true},
      {kBoot | 3, 3, false},
      {3, kBoot | 3, false},
      {3, kBoot | 4, true},
      {3, 4, true},
      {kBoot, kBoot | 3, false},
      {kBoot, 8ULL << 32U | 3, true},
      {0, kBoot | 3, false},
      {kBoot | 3, 0, false},
      {0, 0, false},
  };
  for (const Row& row : rows) {
    CAPTURE(row.ours);
    CAPTURE(row.theirs);
    CHECK(are_other_clocks(row.ours, row.theirs) == row.others);
  }
}
