// SPDX-License-Identifier: MIT
#include "common/host/end_signals.hpp"

#include <fcntl.h>
#include <poll.h>

#include <csignal>

#include "tests/unit/child_output.hpp"

namespace timecast::test {
namespace {

// What the body returns as 0 or 1, in a process whose signals are nobody else's.
bool holds(const std::function<bool(EndSignals&)>& body) {
  const auto output = output_of([&] {
    ::alarm(10);  // seconds, for who waits in vain
    auto signals = EndSignals::start();
    return signals && body(*signals) ? 0 : 1;
  });
  return output.exit_code == 0;
}

struct Pipe {
  Pipe() {
    std::array<int, 2> ends{};
    REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
    reading = UniqueFd{ends[0]};
    writing = UniqueFd{ends[1]};
  }
  UniqueFd reading;
  UniqueFd writing;
};

}  // namespace

TEST_CASE("end signals: waiting ends with what was waited for") {
  const Pipe pipe;
  CHECK(::write(pipe.writing.get(), "x", 1) == 1);
  CHECK(holds([&](EndSignals& signals) {
    return signals.await(pipe.reading.get(), POLLIN) &&
           signals.await(pipe.writing.get(), POLLOUT) && !signals.came();
  }));
}

TEST_CASE("end signals: each signal ends one wait, and that one came stays known") {
  for (const int number : {SIGTERM, SIGINT}) {
    CAPTURE(number);
    const Pipe pipe;  // nothing comes
    CHECK(holds([&](EndSignals& signals) {
      ::kill(::getpid(), number);
      return !signals.await(pipe.reading.get(), POLLIN) && signals.came() &&
             signals.await(pipe.writing.get(), POLLOUT) && signals.came();
    }));
  }
}

TEST_CASE("end signals: a descriptor that has failed is not waited for") {
  Pipe pipe;
  pipe.writing.reset();
  CHECK(holds([&](EndSignals& signals) { return signals.await(pipe.reading.get(), POLLIN); }));
}

}  // namespace timecast::test
