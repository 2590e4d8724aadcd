// SPDX-License-Identifier: MIT
#include "common/host/standard_output.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>

#include "tests/unit/child_output.hpp"

using namespace timecast;

namespace {

int as_exit_code(Printed printed) { return static_cast<int>(printed); }

// The child's standard output is this end of a pipe from now on; returns the other end.
UniqueFd replace_output() {
  std::array<int, 2> pipe{};
  if (::pipe2(pipe.data(), O_CLOEXEC) != 0) ::_exit(99);
  ::dup2(pipe[1], STDOUT_FILENO);
  ::close(pipe[1]);
  return UniqueFd{pipe[0]};
}

}  // namespace

TEST_CASE("standard output: a line is written with its line feed") {
  const ChildOutput output = output_of([] { return as_exit_code(offer_line("a line")); });
  CHECK(output.exit_code == as_exit_code(Printed::yes));
  CHECK(output.out == "a line\n");
}

TEST_CASE("standard output: a line for a reader that does not read is lost, not waited for") {
  const ChildOutput output = output_of([] {
    const UniqueFd reader = replace_output();
    const std::string line(999, 'x');
    for (int i = 0; i < 1000; ++i) {  // more than a pipe holds
      const Printed printed = offer_line(line);
      if (printed != Printed::yes) return as_exit_code(printed);
    }
    return 99;
  });
  CHECK(output.exit_code == as_exit_code(Printed::reader_is_slow));
}

TEST_CASE("standard output: a reader that has gone is told, and ends nobody") {
  const ChildOutput output = output_of([] {
    ignore_broken_pipes();
    replace_output().reset();
    return as_exit_code(offer_line("a line"));
  });
  CHECK(output.exit_code == as_exit_code(Printed::reader_is_gone));
}

TEST_CASE("standard output: a full disk is no reader that has gone") {
  const ChildOutput output = output_of([] {
    const int full = ::open("/dev/full", O_WRONLY | O_CLOEXEC);
    ::dup2(full, STDOUT_FILENO);
    return as_exit_code(offer_line("a line")) * 10 + (print_text("text") == ENOSPC ? 1 : 0);
  });
  CHECK(output.exit_code == as_exit_code(Printed::failed) * 10 + 1);
}

TEST_CASE("standard output: a command's text is written whole, however slowly it is read") {
  const std::string text(1'000'000, 'x');
  const ChildOutput output = output_of([&] { return print_text(text); });
  CHECK(output.exit_code == 0);
  CHECK(output.out == text);
}

TEST_CASE("standard output: a closed stream is replaced, an open one is kept") {
  const ChildOutput output = output_of([] {
    ::close(STDIN_FILENO);
    ::close(STDERR_FILENO);
    keep_standard_streams();
    struct stat in {};
    struct stat err {};
    struct stat null {};
    if (::fstat(STDIN_FILENO, &in) != 0 || ::fstat(STDERR_FILENO, &err) != 0) return 1;
    if (::stat("/dev/null", &null) != 0) return 2;
    if (in.st_rdev != null.st_rdev || err.st_rdev != null.st_rdev) return 3;
    return print_text("kept") == 0 ? 0 : 4;
  });
  CHECK(output.exit_code == 0);
  CHECK(output.out == "kept");
}
