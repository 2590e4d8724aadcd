// SPDX-License-Identifier: MIT
#include "common/host/standard_output.hpp"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <string>

namespace timecast {

namespace {

// Whether a write of a few hundred octets goes through at once. A pipe that has room has room for
// PIPE_BUF octets at least; a file always has.
bool has_room(int fd) noexcept {
  pollfd output{fd, POLLOUT, 0};
  return ::poll(&output, 1, 0) != 0;  // an error is told by the write
}

// 0 or an errno value.
int write_all(int fd, std::string_view text) noexcept {
  while (!text.empty()) {
    const ssize_t written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return 0;
}

}  // namespace

Printed offer_line(std::string_view line) noexcept {
  if (!has_room(STDOUT_FILENO)) return Printed::reader_is_slow;
  const std::string text = std::string{line} + '\n';
  switch (write_all(STDOUT_FILENO, text)) {
    case 0: return Printed::yes;
    case EPIPE: return Printed::reader_is_gone;
    case EAGAIN: return Printed::reader_is_slow;
    default: return Printed::failed;
  }
}

int print_text(std::string_view text) noexcept { return write_all(STDOUT_FILENO, text); }

void ignore_broken_pipes() noexcept { static_cast<void>(std::signal(SIGPIPE, SIG_IGN)); }

void keep_standard_streams() noexcept {
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd) {
    const bool is_closed = ::fcntl(fd, F_GETFD) < 0 && errno == EBADF;
    // It gets the lowest number that is free, which is this one.
    if (is_closed && ::open("/dev/null", O_RDWR) != fd) return;
  }
}

}  // namespace timecast
