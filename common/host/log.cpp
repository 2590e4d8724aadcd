// SPDX-License-Identifier: MIT
#include "common/host/log.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "common/host/environment.hpp"

namespace timecast {

namespace {

// The journal's error, warning and info.
constexpr char kPriorities[] = "346";

// The variable names the journal's socket; it is inherited also by programs that write elsewhere.
// Source: systemd.exec(5).
bool is_journal(int fd) {
  const auto stream = environment("JOURNAL_STREAM");
  struct stat status {};
  if (!stream || ::fstat(fd, &status) != 0) return false;
  return *stream == std::to_string(status.st_dev) + ':' + std::to_string(status.st_ino);
}

}  // namespace

std::string log_line(Level level, std::string_view text, std::string_view program,
                     bool for_journal) {
  std::string line;
  if (for_journal) {
    line.append("<").append(1, kPriorities[static_cast<std::size_t>(level)]).append(">");
  } else {
    line.append(program).append(": ");
  }
  // Text can come from the network. A control character could forge a line or drive a terminal.
  for (const char c : text) {
    const auto octet = static_cast<unsigned char>(c);
    line += octet < 0x20 || octet == 0x7F ? '?' : c;
  }
  return line += '\n';
}

void log(Level level, std::string_view text) noexcept {
  const std::string line =
      log_line(level, text, ::program_invocation_short_name, is_journal(STDERR_FILENO));
  // One write, so that lines do not mix; what does not fit a full pipe is lost, not waited for.
  [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, line.data(), line.size());
}

}  // namespace timecast
