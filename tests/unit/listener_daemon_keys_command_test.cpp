// SPDX-License-Identifier: MIT
#include "listener/daemon/keys_command.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <cstdlib>

#include "tests/unit/host_directory.hpp"

using namespace timecast;

namespace {

// As it is for an operator at a terminal.
struct NoStateHome {
  NoStateHome() {
    ::unsetenv("STATE_DIRECTORY");
    ::unsetenv("XDG_STATE_HOME");
  }
};

}  // namespace

TEST_CASE("keys: root means the service's, where there is one and no other place is given") {
  const NoStateHome none;
  const TemporaryDirectory service;
  const bool is_root = ::geteuid() == 0;
  CHECK(key_directory(std::nullopt, service.path()) ==
        (is_root ? GivenPlace{service.path()} : std::nullopt));
  CHECK(key_directory("/elsewhere", service.path()) == GivenPlace{"/elsewhere"});
  CHECK(key_directory(std::nullopt, service / "nothing") == std::nullopt);
}
