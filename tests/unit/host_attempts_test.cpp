// SPDX-License-Identifier: MIT
#include "common/host/attempts.hpp"

#include <doctest/doctest.h>

#include <cerrno>

using namespace timecast;

namespace {

Timestamp<Boot> at(int seconds) { return Timestamp<Boot>{Duration::seconds(1000 + seconds)}; }

const Error kTaken = system_error("cannot bind", EADDRINUSE);
const Error kRefused = system_error("cannot bind", EACCES);
const Error kComing = system_error("cannot bind", EADDRNOTAVAIL);

}  // namespace

TEST_CASE("attempts: a failure is told once") {
  Attempts attempts;
  CHECK(attempts.failed(kTaken, at(0)));
  CHECK_FALSE(attempts.failed(kTaken, at(1)));
  CHECK_FALSE(attempts.failed(kTaken, at(100)));
  CHECK(attempts.error().errno_value == EADDRINUSE);
}

TEST_CASE("attempts: another failure is told again") {
  Attempts attempts;
  CHECK(attempts.failed(kTaken, at(0)));
  CHECK(attempts.failed(kRefused, at(1)));
  CHECK(attempts.failed(kTaken, at(2)));
}

TEST_CASE("attempts: what may pass is told when it has lasted") {
  Attempts attempts;
  CHECK_FALSE(attempts.failed(kComing, at(0)));
  CHECK_FALSE(attempts.failed(kComing, at(1)));
  CHECK(attempts.failed(kComing, at(10)));
  CHECK_FALSE(attempts.failed(kComing, at(20)));
}

TEST_CASE("attempts: success says whether a failure had been told, and forgets it") {
  Attempts attempts;
  CHECK_FALSE(attempts.succeeded());
  CHECK_FALSE(attempts.failed(kComing, at(0)));
  CHECK_FALSE(attempts.succeeded());
  CHECK(attempts.failed(kTaken, at(0)));
  CHECK(attempts.succeeded());
  CHECK(attempts.error().text.empty());
  CHECK_FALSE(attempts.succeeded());
  CHECK(attempts.failed(kTaken, at(1)));
}

TEST_CASE("attempts: only addresses and interfaces that come and go may pass") {
  for (const int reason : {EADDRNOTAVAIL, ENODEV, ENETDOWN}) {
    CHECK(may_pass(system_error("", reason)));
  }
  for (const int reason : {EACCES, EPERM, EADDRINUSE, EMFILE, EINVAL, 0}) {
    CHECK_FALSE(may_pass(system_error("", reason)));
  }
}
