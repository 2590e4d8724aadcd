// SPDX-License-Identifier: MIT
#include "listener/now/page.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <thread>
#include <vector>

#include "tests/unit/shared_page.hpp"

using namespace timecast;

namespace {

struct Killed {};

// As a writer that is killed before its word number `words`.
void write_partly(Page& page, const PageValues& values, std::size_t words) {
  std::size_t left = words;
  try {
    write_values(page, values, [&] {
      if (left-- == 0) throw Killed{};
    });
  } catch (const Killed&) {
  }
}

}  // namespace

TEST_CASE("shared page: stands in memory as its drawing says") {
  const auto page = std::make_unique<Page>();
  begin_page(*page, 0x1122334455667788U);
  PageValues values{};
  values.raw_ns = 1;
  values.boot_ns = 2;
  values.utc_ns = 3;
  values.rate_ppt = 4;
  values.valid_until_ns = 5;
  values.started_ns = 6;
  values.state = 7;
  values.reason = 8;
  values.leap = 9;
  values.lateness_bounded = 10;
  for (std::int64_t i = 0; i < 4; ++i) {
    values.growth[static_cast<std::size_t>(i)] = {i + 11, i + 12, i + 13, i + 14, i + 15};
  }
  write_values(*page, values);
  const auto octets_at = [&](std::size_t offset) {
    return reinterpret_cast<const unsigned char*>(page.get()) + offset;
  };
  const auto long_at = [&](std::size_t offset) {
    std::int64_t value = 0;
    std::memcpy(&value, octets_at(offset), sizeof value);
    return value;
  };
  const auto word_at = [&](std::size_t offset) {
    std::uint32_t value = 0;
    std::memcpy(&value, octets_at(offset), sizeof value);
    return value;
  };
  CHECK(word_at(0) == 0x54534354);
  CHECK(word_at(4) == 0x45474150);
  CHECK(word_at(8) == 1);
  CHECK(word_at(12) == 4096);
  CHECK(word_at(16) == 0x55667788);
  CHECK(word_at(20) == 0x11223344);
  CHECK(word_at(24) == 0);
  CHECK(word_at(28) == 1);  // so slot 1 is whole
  constexpr std::size_t kSlot = 64 + 256;
  for (std::size_t i = 0; i < 6; ++i) CHECK(long_at(kSlot + 8 * i) == std::int64_t(i + 1));
  for (std::size_t i = 0; i < 4; ++i) CHECK(word_at(kSlot + 48 + 4 * i) == i + 7);
  for (std::size_t i = 0; i < 4; ++i) {
    for (std::size_t k = 0; k < 5; ++k) {
      CHECK(long_at(kSlot + 64 + 40 * i + 8 * k) == std::int64_t(11 + i + k));
    }
  }
}

TEST_CASE("shared page: a writer that is killed at any word leaves the values of before") {
  for (std::size_t words = 0; words <= kSlotWords; ++words) {
    CAPTURE(words);
    Page page{};
    write_values(page, all_of(1));
    write_partly(page, all_of(2), words);
    PageValues read = all_of(9);
    CHECK(read_values(page, read));
    CHECK(same_values(read, all_of(1)));
    // The next daemon finds nothing to repair.
    write_values(page, all_of(3));
    CHECK(read_values(page, read));
    CHECK(same_values(read, all_of(3)));
  }
}

TEST_CASE("shared page: a writer that is killed again and again leaves the values of before") {
  Page page{};
  write_values(page, all_of(1));
  for (std::size_t words = 0; words <= kSlotWords; ++words) {
    write_partly(page, all_of(2 + static_cast<std::int64_t>(words)), words);
  }
  PageValues read{};
  CHECK(read_values(page, read));
  CHECK(same_values(read, all_of(1)));
}

TEST_CASE("shared page: a reader is never given a mix, wherever writers come in between") {
  for (int writes = 1; writes <= 3; ++writes) {
    for (std::size_t at = 0; at <= kSlotWords; ++at) {
      CAPTURE(writes);
      CAPTURE(at);
      Page page{};
      write_values(page, all_of(1));
      std::size_t step = 0;
      PageValues read = all_of(9);
      const bool whole = try_read_values(page, read, [&] {
        if (step++ != at) return;
        for (int i = 0; i < writes; ++i) write_values(page, all_of(2 + i));
      });
      CHECK_FALSE(whole);
      CHECK(same_values(read, all_of(9)));
      CHECK(read_values(page, read));
      CHECK(same_values(read, all_of(1 + writes)));
    }
  }
}

TEST_CASE("shared page: a reader is never given a mix while a write goes on, word for word") {
  for (std::size_t begun = 0; begun <= kSlotWords; ++begun) {
    CAPTURE(begun);
    Page page{};
    write_values(page, all_of(1));
    std::size_t written = 0;
    PageValues before{};
    PageValues read{};
    // A whole read before each word that is written.
    write_values(page, all_of(2), [&] {
      if (written++ != begun) return;
      CHECK(try_read_values(page, before, [] {}));
    });
    CHECK(same_values(before, all_of(1)));
    CHECK(read_values(page, read));
    CHECK(same_values(read, all_of(2)));
  }
}

TEST_CASE("shared page: the sequence goes round") {
  Page page{};
  page.sequence.store(0xFFFFFFFFU);
  write_values(page, all_of(5));
  PageValues read{};
  CHECK(page.sequence.load() == 0);
  CHECK(read_values(page, read));
  CHECK(same_values(read, all_of(5)));
}

TEST_CASE("shared page: a page that never stands still is given up") {
  Page page{};
  PageValues read = all_of(9);
  int attempts = 0;
  for (; attempts < kMostAttempts; ++attempts) {
    const auto disturb = [&] { write_values(page, all_of(attempts)); };
    if (try_read_values(page, read, disturb)) break;
  }
  CHECK(attempts == kMostAttempts);
  CHECK(same_values(read, all_of(9)));
}

TEST_CASE("shared page: threads that read while one writes see whole values that never go back") {
  constexpr std::int64_t kWrites = 20'000;
  Page page{};
  write_values(page, all_of(0));
  struct Seen {
    std::int64_t mixes = 0;
    std::int64_t backward = 0;
    std::int64_t last = 0;
  };
  std::vector<Seen> seen(2);
  std::vector<std::thread> readers;
  readers.reserve(seen.size());
  for (Seen& mine : seen) {
    readers.emplace_back([&page, &mine] {
      while (mine.last < kWrites) {
        PageValues read{};
        if (!read_values(page, read)) continue;
        if (!same_values(read, all_of(read.raw_ns))) ++mine.mixes;
        if (read.raw_ns < mine.last) ++mine.backward;
        mine.last = read.raw_ns;
      }
    });
  }
  for (std::int64_t i = 1; i <= kWrites; ++i) write_values(page, all_of(i));
  for (std::thread& reader : readers) reader.join();
  for (const Seen& mine : seen) {
    CHECK(mine.mixes == 0);
    CHECK(mine.backward == 0);
    CHECK(mine.last == kWrites);
  }
}
