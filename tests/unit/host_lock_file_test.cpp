// SPDX-License-Identifier: MIT
#include "common/host/lock_file.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <thread>

#include "common/host/atomic_file.hpp"
#include "tests/unit/host_directory.hpp"

using namespace timecast;

TEST_CASE("host lock file: one alone holds it, and its end removes it") {
  const TemporaryDirectory directory;
  const std::string path = directory / "lock";
  {
    auto first = LockFile::take(path);
    REQUIRE(first);
    CHECK(mode_of(path) == 0600);
    const auto second = LockFile::take(path);
    REQUIRE_FALSE(second);
    CHECK(second.error().errno_value == EWOULDBLOCK);
    const LockFile moved = std::move(*first);
    first = because(Error{});
    CHECK_FALSE(LockFile::take(path));
  }
  CHECK_FALSE(file_exists(path));
  CHECK(LockFile::take(path));
}

TEST_CASE("host lock file: what a crash left behind is taken, and another's file is not removed") {
  const TemporaryDirectory directory;
  const std::string path = directory / "lock";
  put_file(path, "");
  {
    const auto lock = LockFile::take(path);
    REQUIRE(lock);
    REQUIRE(std::filesystem::remove(path));
    put_file(path, "another's");
  }
  CHECK(file_content(path) == "another's");
}

TEST_CASE("host lock file: root's, in a user's directory, is his and can be taken after a crash") {
  const TemporaryDirectory directory;
  give_to_another(directory.path());
  const auto lock = LockFile::take(directory / "lock");
  REQUIRE(lock);
  CHECK(have_one_owner(directory / "lock", directory.path()));
}

TEST_CASE("host lock file: what cannot be one is an error that names it") {
  const TemporaryDirectory directory;
  const auto lock = LockFile::take(directory.path());
  REQUIRE_FALSE(lock);
  CHECK(lock.error().text == "cannot open " + directory.path() + ": is a directory");
}

TEST_CASE("host lock file: however holders come and go, one alone holds it") {
  const TemporaryDirectory directory;
  const std::string path = directory / "lock";
  std::atomic<int> holders = 0;
  std::atomic<int> most = 0;
  const auto come_and_go = [&] {
    for (int i = 0; i < 3000; ++i) {
      const auto lock = LockFile::take(path);
      if (!lock) continue;
      most = std::max(most.load(), ++holders);
      std::this_thread::yield();
      --holders;
    }
  };
  std::array<std::thread, 4> threads;
  for (std::thread& thread : threads) thread = std::thread{come_and_go};
  for (std::thread& thread : threads) thread.join();
  CHECK(most == 1);
  CHECK(directory.count() == 0);
}
