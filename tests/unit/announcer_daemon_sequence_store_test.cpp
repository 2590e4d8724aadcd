// SPDX-License-Identifier: MIT
#include "announcer/daemon/sequence_store.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <random>

#include "tests/unit/host_directory.hpp"

using namespace timecast;

namespace {

constexpr std::uint64_t kSecond = 1'000'000;  // in sequences: they begin at microseconds

Timestamp<Realtime> at(std::int64_t unix_seconds) {
  return Timestamp<Realtime>{Duration::seconds(unix_seconds)};
}

SequenceStore opened(const std::string& path, Timestamp<Realtime> now) {
  auto store = SequenceStore::open(path, now);
  REQUIRE_MESSAGE(store, (store ? "" : store.error().text));
  return std::move(*store);
}

}  // namespace

TEST_CASE("sequence store: the first start begins at the Unix time in microseconds") {
  const TemporaryDirectory directory;
  const SequenceStore store = opened(directory / "sequence", at(1'793'491'200));
  CHECK(store.first() == 1'793'491'200 * kSecond);
}

TEST_CASE("sequence store: a block is on disk before it is used") {
  const TemporaryDirectory directory;
  const std::string path = directory / "sequence";
  const SequenceStore store = opened(path, at(1000));
  CHECK(file_content(path) == std::to_string(1000 * kSecond + SequenceStore::kBlock) + '\n');
  CHECK(mode_of(path) == 0600);
}

TEST_CASE("sequence store: a restart begins behind the block, or at the time if that is later") {
  const TemporaryDirectory directory;
  const std::string path = directory / "sequence";
  CHECK(opened(path, at(1000)).first() == 1000 * kSecond);
  CHECK(opened(path, at(1000)).first() == 1001 * kSecond);  // at once
  CHECK(opened(path, at(5000)).first() == 5000 * kSecond);
}

TEST_CASE("sequence store: a clock that was set back repeats nothing") {
  const TemporaryDirectory directory;
  const std::string path = directory / "sequence";
  const std::uint64_t before = opened(path, at(1'793'491'200)).first();
  CHECK(opened(path, at(0)).first() == before + SequenceStore::kBlock);
  CHECK(opened(path, at(-5000)).first() == before + 2 * SequenceStore::kBlock);
}

TEST_CASE("sequence store: a lost or restored file repeats nothing while the clock is right") {
  const TemporaryDirectory directory;
  const std::string path = directory / "sequence";
  static_cast<void>(opened(path, at(1000)));
  const std::string backup = file_content(path);
  SequenceStore store = opened(path, at(2000));
  REQUIRE(store.keep_ahead_of(store.first() + 500));
  put_file(path, backup);
  CHECK(opened(path, at(3000)).first() == 3000 * kSecond);
  CHECK(::unlink(path.c_str()) == 0);
  CHECK(opened(path, at(4000)).first() == 4000 * kSecond);
}

TEST_CASE("sequence store: the block is renewed when less than half of it is left") {
  const TemporaryDirectory directory;
  const std::string path = directory / "sequence";
  SequenceStore store = opened(path, at(1000));
  const std::string first = file_content(path);
  const std::uint64_t half = store.first() + SequenceStore::kBlock / 2;
  CHECK(store.keep_ahead_of(half));
  CHECK(file_content(path) == first);
  CHECK(store.keep_ahead_of(half + 1));
  CHECK(file_content(path) == std::to_string(half + 1 + SequenceStore::kBlock) + '\n');
}

TEST_CASE("sequence store: a first start before 1970 begins with one") {
  const TemporaryDirectory directory;
  CHECK(opened(directory / "sequence", at(-1)).first() == 1);
}

TEST_CASE("sequence store: a file that holds no reservation is refused, with a way out") {
  const TemporaryDirectory directory;
  const std::string path = directory / "sequence";
  for (const char* const content :
       {"", "\n", "x", "12x", "-1", "1\n2\n", " 1", "1 ", "1.5", "0x10", "18446744073709551615",
        "4611686018427387905", "99999999999999999999",
        "000000000000000000000000000000000000000000000000001"}) {
    CAPTURE(content);
    put_file(path, content);
    const auto store = SequenceStore::open(path, at(1000));
    REQUIRE_FALSE(store);
    CHECK(store.error().text.find(path) != std::string::npos);
    CHECK(file_content(path) == content);
  }
  for (const char* const content : {"7", "7\n", "4611686018427387904\n"}) {
    CAPTURE(content);
    put_file(path, content);
    CHECK(SequenceStore::open(path, at(1000)));
  }
}

TEST_CASE("sequence store: where nothing can be written there is no store") {
  const TemporaryDirectory directory;
  const auto store = SequenceStore::open(directory / "missing/sequence", at(1000));
  REQUIRE_FALSE(store);
  CHECK(store.error().text ==
        "cannot write " + (directory / "missing/sequence") + ": no such file or directory");
}

TEST_CASE("sequence store: a block that could not be renewed is tried again") {
  const TemporaryDirectory directory;
  const std::string path = directory / "state/sequence";
  std::filesystem::create_directory(directory / "state");
  SequenceStore store = opened(path, at(1000));
  std::filesystem::rename(directory / "state", directory / "away");
  const std::uint64_t next = store.first() + SequenceStore::kBlock - 1;
  CHECK_FALSE(store.keep_ahead_of(next));
  CHECK_FALSE(store.keep_ahead_of(next));
  std::filesystem::rename(directory / "away", directory / "state");
  CHECK(store.keep_ahead_of(next));
  CHECK(file_content(path) == std::to_string(next + SequenceStore::kBlock) + '\n');
}

// Whatever the clock does and whenever the announcer is killed: what one run issues, no other does.
TEST_CASE("sequence store: over restarts and clock jumps no sequence is issued twice") {
  std::mt19937_64 random{20'260'101};
  for (int round = 0; round < 20; ++round) {
    CAPTURE(round);
    const TemporaryDirectory directory;
    const std::string path = directory / "sequence";
    std::int64_t clock = 1'793'491'200;
    std::uint64_t highest = 0;
    for (int run = 0; run < 20; ++run) {
      clock += std::uniform_int_distribution<std::int64_t>{-100'000'000, 100'000'000}(random);
      SequenceStore store = opened(path, at(clock));
      std::uint64_t next = store.first();
      REQUIRE(next > highest);
      // As the daemon does it: after each of some announcements, of several streams at once.
      for (int step = 0; step < 10; ++step) {
        next += std::uniform_int_distribution<std::uint64_t>{1, 300'000}(random);
        highest = next - 1;
        REQUIRE(store.keep_ahead_of(next));
        if (random() % 8 == 0) break;  // killed
      }
    }
  }
}
