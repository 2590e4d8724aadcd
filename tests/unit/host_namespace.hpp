// SPDX-License-Identifier: MIT
//
// A network of its own for a test, which therefore needs no privilege: a child process in new user
// and network namespaces, where it may do what it likes and nothing exists but a loopback interface
// that is down.
#pragma once

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <functional>
#include <iostream>
#include <string>

#include "common/host/unique_fd.hpp"

namespace timecast {

// Runs `body` there; it returns what went wrong, or an empty text. Where the kernel gives no such
// namespaces, the test is skipped.
inline void in_own_network(const char* test, const std::function<std::string()>& body) {
  constexpr int kRefused = 77;
  std::array<int, 2> pipe{};
  REQUIRE(::pipe2(pipe.data(), O_CLOEXEC) == 0);
  const UniqueFd from_child{pipe[0]};
  UniqueFd to_parent{pipe[1]};
  std::cout.flush();  // or the child would write it a second time
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    // A process with threads can make no user namespace; root does not need one.
    const bool made = ::unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0 || ::unshare(CLONE_NEWNET) == 0;
    if (!made) ::_exit(kRefused);
    std::string wrong = "an exception or a failed REQUIRE";
    try {
      wrong = body();
    } catch (...) {
    }
    std::cout.flush();
    const ssize_t told = ::write(to_parent.get(), wrong.data(), wrong.size());
    ::_exit(told == static_cast<ssize_t>(wrong.size()) ? 0 : 1);
  }
  to_parent.reset();
  std::string wrong;
  std::array<char, 512> buffer{};
  for (ssize_t got = 1; got > 0; wrong.append(buffer.data(), static_cast<std::size_t>(got))) {
    got = std::max<ssize_t>(::read(from_child.get(), buffer.data(), buffer.size()), 0);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  if (WIFEXITED(status) && WEXITSTATUS(status) == kRefused) {
    std::cout << "skipped: " << test << ": this system gives no network namespace\n";
    return;
  }
  CHECK(status == 0);
  CHECK(wrong == "");
}

inline ifreq loopback_request(const char* label = "lo") {
  ifreq request{};
  std::strcpy(request.ifr_name, label);
  return request;
}

inline bool change_loopback(unsigned long what, const ifreq& request) {
  const UniqueFd fd{::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
  return ::ioctl(fd.get(), what, &request) == 0;
}

inline bool set_loopback_flags(int flags) {
  ifreq request = loopback_request();
  request.ifr_flags = static_cast<short>(flags);
  return change_loopback(SIOCSIFFLAGS, request);
}

// With another label than the interface's name it is one more address.
inline bool set_loopback_address(const char* text, const char* label = "lo") {
  ifreq request = loopback_request(label);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  ::inet_pton(AF_INET, text, &address.sin_addr);
  std::memcpy(&request.ifr_addr, &address, sizeof address);
  return change_loopback(SIOCSIFADDR, request);
}

}  // namespace timecast
