// SPDX-License-Identifier: MIT
//
// What a program would print and end with: a function run in a child process of its own.
#pragma once

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <functional>
#include <iostream>
#include <string>

#include "common/host/loop.hpp"
#include "common/host/unique_fd.hpp"

namespace timecast {

struct ChildOutput {
  static constexpr int kThrew = 125;
  int exit_code = -1;  // or minus the signal that ended it
  std::string out;
  std::string err;
};

// Starts `body` with its standard output and error at pipes. A loop, if there is one, runs here
// meanwhile, so that the child can ask it.
inline ChildOutput output_of(const std::function<int()>& body, Loop* loop = nullptr) {
  std::array<int, 2> out{};
  std::array<int, 2> err{};
  REQUIRE(::pipe2(out.data(), O_CLOEXEC) == 0);
  REQUIRE(::pipe2(err.data(), O_CLOEXEC) == 0);
  const UniqueFd out_end{out[0]};
  const UniqueFd err_end{err[0]};
  std::cout.flush();  // or the child would write it a second time
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    ::dup2(out[1], STDOUT_FILENO);
    ::dup2(err[1], STDERR_FILENO);
    // An exception, or a REQUIRE that fails, would have the child go on with all other tests.
    int exit_code = ChildOutput::kThrew;
    try {
      exit_code = body();
    } catch (...) {
    }
    ::_exit(exit_code);
  }
  ::close(out[1]);
  ::close(err[1]);
  ChildOutput output;
  if (loop != nullptr) {
    bool ended = false;
    const auto watch = PollHandle::start(*loop, out_end.get(), [&] {
      std::array<char, 4096> buffer{};
      const ssize_t got = ::read(out_end.get(), buffer.data(), buffer.size());
      if (got > 0) output.out.append(buffer.data(), static_cast<std::size_t>(got));
      ended = got <= 0;
    });
    while (!ended) loop->run_once();
  }
  const auto read_all = [](int fd, std::string& text) {
    std::array<char, 4096> buffer{};
    for (ssize_t got = 1; got > 0;) {
      got = ::read(fd, buffer.data(), buffer.size());
      if (got > 0) text.append(buffer.data(), static_cast<std::size_t>(got));
    }
  };
  read_all(out_end.get(), output.out);
  read_all(err_end.get(), output.err);
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  output.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  return output;
}

}  // namespace timecast
