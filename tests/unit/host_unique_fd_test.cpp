// SPDX-License-Identifier: MIT
#include "common/host/unique_fd.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>

#include <utility>

using namespace timecast;

namespace {

int new_descriptor() {
  const int fd = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  REQUIRE(fd >= 0);
  return fd;
}

bool is_open(int fd) { return ::fcntl(fd, F_GETFD) >= 0; }

}  // namespace

TEST_CASE("host unique fd: a descriptor is closed when its owner goes") {
  const int number = new_descriptor();
  {
    const UniqueFd owner{number};
    CHECK(owner);
    CHECK(owner.get() == number);
    CHECK(is_open(number));
  }
  CHECK_FALSE(is_open(number));
}

TEST_CASE("host unique fd: an empty owner has no descriptor") {
  const UniqueFd owner;
  CHECK_FALSE(owner);
  CHECK(owner.get() == -1);
}

TEST_CASE("host unique fd: a move hands the descriptor over and closes the receiver's own") {
  const int moved = new_descriptor();
  const int replaced = new_descriptor();
  UniqueFd from{moved};
  UniqueFd to{replaced};
  to = std::move(from);
  CHECK_FALSE(is_open(replaced));
  CHECK(to.get() == moved);
  const UniqueFd last{std::move(to)};
  CHECK(last.get() == moved);
  CHECK(is_open(moved));
}

TEST_CASE("host unique fd: moved to itself, an owner keeps its descriptor") {
  UniqueFd owner{new_descriptor()};
  UniqueFd& same = owner;
  owner = std::move(same);
  CHECK(is_open(owner.get()));
}

TEST_CASE("host unique fd: a released descriptor stays open, a reset one does not") {
  const int number = new_descriptor();
  UniqueFd owner{number};
  CHECK(owner.release() == number);
  CHECK_FALSE(owner);
  CHECK(is_open(number));
  owner.reset(number);
  owner.reset();
  CHECK_FALSE(is_open(number));
}
