// SPDX-License-Identifier: MIT
//
// The one system call that steers a clock, as a table, so that tests can have a kernel of their
// own.
#pragma once

#include <sys/timex.h>

namespace timecast {

struct KernelCalls {
  // As adjtimex(2): TIME_OK ... TIME_ERROR, or -1 and errno.
  int (*adjtimex)(timex* request) = nullptr;
};

inline constexpr KernelCalls kKernelCalls{[](timex* request) { return ::adjtimex(request); }};

}  // namespace timecast
