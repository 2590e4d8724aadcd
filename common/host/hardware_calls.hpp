// SPDX-License-Identifier: MIT
//
// The system calls that reach a network card's clock, in one place, so that a test can make each
// one fail.
#pragma once

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

namespace timecast {

struct HardwareCalls {
  int (*open)(const char* path) noexcept;
  int (*socket)() noexcept;  // any, through which interfaces are asked
  int (*request)(int fd, unsigned long code, void* argument) noexcept;
};

inline constexpr HardwareCalls kKernelHardwareCalls{
    [](const char* path) noexcept { return ::open(path, O_RDONLY | O_CLOEXEC); },
    []() noexcept { return ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0); },
    [](int fd, unsigned long code, void* argument) noexcept {
      return ::ioctl(fd, code, argument);
    }};

}  // namespace timecast
