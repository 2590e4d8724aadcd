// SPDX-License-Identifier: MIT
#include "common/host/daemon_frame.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "tests/unit/child_output.hpp"
#include "tests/unit/host_control.hpp"
#include "tests/unit/host_directory.hpp"

using namespace timecast;

namespace {

// In a child process: signals and limits are the whole process's.
ChildOutput in_frame(const std::function<int(DaemonFrame&)>& body) {
  return output_of([&] {
    DaemonFrame frame;
    if (!frame.start()) return 99;
    return body(frame);
  });
}

}  // namespace

TEST_CASE("daemon frame: SIGTERM and SIGINT end the loop") {
  for (const int number : {SIGTERM, SIGINT}) {
    CAPTURE(number);
    const ChildOutput output = in_frame([&](DaemonFrame& frame) {
      if (::raise(number) != 0) return 98;
      frame.loop().run();
      return 7;
    });
    CHECK(output.exit_code == 7);
  }
}

TEST_CASE("daemon frame: SIGHUP reloads, and the log says what that changed or why it did not") {
  struct Row {
    const char* name;
    Result<std::string> reloaded;
    const char* line;
  };
  for (const Row& row : {
           Row{"done", "port 7 -> 9", "settings read again: port 7 -> 9\n"},
           Row{"refused", because(Error{"f:1: port: no"}),
               "settings stay as they were: f:1: port: no\n"},
       }) {
    CAPTURE(row.name);
    const ChildOutput output = in_frame([&](DaemonFrame& frame) {
      const auto reload = [&]() -> Result<std::string> {
        frame.loop().stop();
        return row.reloaded;
      };
      if (::setsid() < 0) return 97;  // without a terminal
      if (!frame.reload_on_hangup(reload)) return 98;
      if (::raise(SIGHUP) != 0) return 99;
      frame.loop().run();
      return 7;
    });
    CHECK(output.exit_code == 7);
    CHECK(output.err.find(row.line) != std::string::npos);
  }
}

// What happens when the terminal closes that a daemon was started in.
ChildOutput when_its_terminal_closes(void (*on_hangup)(int)) {
  return in_frame([&](DaemonFrame& frame) {
    const int terminal = ::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (::setsid() < 0 || ::grantpt(terminal) != 0 || ::unlockpt(terminal) != 0) return 96;
    const int shell = ::open(::ptsname(terminal), O_RDWR | O_CLOEXEC);  // controls it from now on
    if (shell < 0 || ::signal(SIGHUP, on_hangup) == SIG_ERR) return 97;
    const auto reload = [&]() -> Result<std::string> {
      frame.loop().stop();
      return "reloaded";
    };
    if (!frame.reload_on_hangup(reload)) return 98;
    ::close(terminal);
    ::close(shell);
    frame.loop().run();
    return 7;
  });
}

TEST_CASE("daemon frame: ends with the terminal it was started in, unless by nohup") {
  const ChildOutput ended = when_its_terminal_closes(SIG_DFL);
  CHECK(ended.exit_code == 7);
  CHECK(ended.err.find("the terminal is closed: ending\n") != std::string::npos);
  const ChildOutput kept = when_its_terminal_closes(SIG_IGN);
  CHECK(kept.exit_code == 7);
  CHECK(kept.err.find("settings read again: reloaded\n") != std::string::npos);
}

TEST_CASE("daemon frame: answers questions at its control socket") {
  const TemporaryDirectory directory;
  const std::string place = directory / "control";
  DaemonFrame frame;
  REQUIRE(frame.start());
  frame.serve_control("example", place, [](std::string_view request) {
    return "you asked for " + std::string{request} + "\n";
  });
  for (const char* const request : {"status", "example: status"}) {
    CHECK(ask(frame.loop(), {place}, request) == "you asked for status\n");
  }
}

TEST_CASE("daemon frame: whoever means another program is told which one answers") {
  const TemporaryDirectory directory;
  const std::string place = directory / "control";
  DaemonFrame frame;
  REQUIRE(frame.start());
  frame.serve_control("example", place, [](std::string_view) { return std::string{"no"}; });
  CHECK(ask(frame.loop(), {place}, "other: status") ==
        "error: example answers at " + place +
            ", not other; name the socket of other with --socket\n");
}

TEST_CASE("daemon frame: without a control socket it says so and goes on") {
  const TemporaryDirectory directory;
  put_file(directory / "file", "no directory");
  const ChildOutput output = in_frame([&](DaemonFrame& frame) {
    frame.serve_control("example", directory / "file/control",
                        [](std::string_view) { return std::string{}; });
    return 7;
  });
  CHECK(output.exit_code == 7);
  CHECK(output.err.find("nobody can ask this process for its status: cannot make the directory " +
                        (directory / "file")) != std::string::npos);
  CHECK(output.err.find("name another with --socket") != std::string::npos);
}

TEST_CASE("daemon frame: a reader of its lines that has gone ends the loop") {
  const ChildOutput output = in_frame([](DaemonFrame& frame) {
    std::array<int, 2> pipe{};
    if (::pipe2(pipe.data(), O_CLOEXEC) != 0) return 98;
    ::dup2(pipe[1], STDOUT_FILENO);
    ::close(pipe[1]);
    ::close(pipe[0]);
    frame.print("a line");
    frame.loop().run();
    return 7;
  });
  CHECK(output.exit_code == 7);
  CHECK(output.err.find("nobody reads standard output any more: ending\n") != std::string::npos);
}

TEST_CASE("daemon frame: lines that are lost are told once, and end nothing") {
  const ChildOutput output = in_frame([](DaemonFrame& frame) {
    ::dup2(::open("/dev/full", O_WRONLY | O_CLOEXEC), STDOUT_FILENO);
    frame.print("a line");
    frame.print("another line");
    int turns = 0;
    auto timer = DeadlineTimer::create(frame.loop(), [&] {
      ++turns;
      frame.loop().stop();
    });
    timer->arm(boot_now());
    frame.loop().run();
    return turns;
  });
  CHECK(output.exit_code == 1);
  const std::string told = "standard output cannot be written: lines are lost\n";
  const std::size_t first = output.err.find(told);
  REQUIRE(first != std::string::npos);
  CHECK(output.err.find(told, first + 1) == std::string::npos);
}

TEST_CASE("daemon frame: takes as many descriptors as it may have") {
  const ChildOutput output = output_of([] {
    rlimit few{};
    ::getrlimit(RLIMIT_NOFILE, &few);
    few.rlim_cur = 64;
    ::setrlimit(RLIMIT_NOFILE, &few);
    DaemonFrame frame;
    if (!frame.start()) return 99;
    rlimit now{};
    ::getrlimit(RLIMIT_NOFILE, &now);
    return now.rlim_cur == now.rlim_max ? 0 : 1;
  });
  CHECK(output.exit_code == 0);
}
