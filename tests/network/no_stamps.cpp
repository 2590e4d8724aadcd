// SPDX-License-Identifier: MIT
//
// Loaded before a program, it makes a kernel without packet stamps of this one: who asks for them
// is told that there is no such option.
#include <errno.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

extern "C" int setsockopt(int fd, int level, int option, const void* value,
                          socklen_t length) noexcept {
  const bool stamps =
      option == SO_TIMESTAMPING || option == SO_TIMESTAMPNS || option == SO_TIMESTAMP;
  if (level == SOL_SOCKET && stamps) {
    errno = ENOPROTOOPT;
    return -1;
  }
  return static_cast<int>(::syscall(SYS_setsockopt, fd, level, option, value, length));
}
