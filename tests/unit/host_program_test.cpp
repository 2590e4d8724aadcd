// SPDX-License-Identifier: MIT
#include "common/host/program.hpp"

#include <doctest/doctest.h>

#include <stdexcept>

#include "common/host/control_socket.hpp"
#include "tests/unit/child_output.hpp"
#include "tests/unit/host_directory.hpp"

using namespace timecast;

namespace {

constexpr const char* kProgram = "example";

std::string behind_colon(const std::string& line) { return line.substr(line.find(": ") + 2); }

}  // namespace

TEST_CASE("program: a test's child that throws ends there") {
  CHECK(output_of([]() -> int { throw std::runtime_error{"no"}; }).exit_code ==
        ChildOutput::kThrew);
}

TEST_CASE("program: help goes to standard output, a complaint to standard error") {
  const ChildOutput help = output_of([] { return say({0, "help\n"}); });
  CHECK(help.exit_code == 0);
  CHECK(help.out == "help\n");
  CHECK(help.err == "");
  const ChildOutput complaint = output_of([] { return say({2, "example: no\n"}); });
  CHECK(complaint.exit_code == 2);
  CHECK(complaint.out == "");
  CHECK(complaint.err == "example: no\n");
}

TEST_CASE("program: a failure is one line on standard error and its own exit status") {
  const ChildOutput failed = output_of([] { return fail(Error{"no", kExitBadSettings}); });
  CHECK(failed.exit_code == 3);
  CHECK(failed.out == "");
  CHECK(behind_colon(failed.err) == "no\n");
}

TEST_CASE("program: what cannot be printed is a failure") {
  const ChildOutput failed = output_of([] {
    ::dup2(::open("/dev/full", O_WRONLY | O_CLOEXEC), STDOUT_FILENO);
    return print("text");
  });
  CHECK(failed.exit_code == 1);
  CHECK(behind_colon(failed.err) == "cannot write to standard output: no space left on device\n");
}

TEST_CASE("program: the running daemon's answer is printed") {
  const TemporaryDirectory directory;
  const std::string place = directory / "control";
  Loop loop;
  const auto server = ControlServer::listen(loop, place, [](const ControlRequest& request) {
    if (request.line == "example: status") return std::string{"all is well\n"};
    return std::string{"error: unknown request\n"};
  });
  REQUIRE(server);
  const ChildOutput answer =
      output_of([&] { return show_control_answer(kProgram, place, "status"); }, &loop);
  CHECK(answer.exit_code == 0);
  CHECK(answer.out == "all is well\n");
  CHECK(answer.err == "");

  const ChildOutput unknown =
      output_of([&] { return show_control_answer(kProgram, place, "other"); }, &loop);
  CHECK(unknown.exit_code == 1);
  CHECK(unknown.out == "");
  CHECK(behind_colon(unknown.err) == "unknown request\n");
}

TEST_CASE("program: where no daemon runs, that is said, and where it was looked for") {
  const TemporaryDirectory directory;
  const std::string place = directory / "control";
  const ChildOutput answer =
      output_of([&] { return show_control_answer(kProgram, place, "status"); });
  CHECK(answer.exit_code == 1);
  CHECK(answer.out == "");
  CHECK(
      behind_colon(answer.err) ==
      "no daemon answers (" + place +
          ": no such file or directory); is it running? if it is, name its socket with --socket\n");
}
