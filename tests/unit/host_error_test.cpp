// SPDX-License-Identifier: MIT
#include "common/host/error.hpp"

#include <doctest/doctest.h>

#include <cerrno>

using namespace timecast;

TEST_CASE("host error: the system's reason reads as part of a sentence") {
  CHECK(reason_of(EACCES) == "permission denied");
  CHECK(reason_of(ENOENT) == "no such file or directory");
  CHECK(reason_of(4095) == "unknown error 4095");
}

TEST_CASE("host error: a text says what, why and the way out") {
  const Error with = system_error("cannot bind 192.0.2.1:123", EACCES, "choose another port");
  CHECK(with.text == "cannot bind 192.0.2.1:123: permission denied; choose another port");
  CHECK(with.exit_code == kExitFailed);
  CHECK(system_error("cannot read x", EISDIR).text == "cannot read x: is a directory");
}
