// SPDX-License-Identifier: MIT
#include "common/host/log.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdlib>

namespace timecast {

namespace {

// Debug lines go out as the journal's debug (7), the rest as error (3), warning (4), info (6).
constexpr char kPriorities[] = "3467";

std::atomic<Level>& threshold() noexcept {
  static std::atomic<Level> level{Level::info};  // see set_log_level() in the header
  return level;
}

// The variable names the journal's socket; it is inherited also by programs that write elsewhere.
// Source: systemd.exec(5).
bool is_journal(int fd) {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): no thread of ours changes the environment
  const char* const stream = std::getenv("JOURNAL_STREAM");
  struct stat status {};
  if (stream == nullptr || ::fstat(fd, &status) != 0) return false;
  return stream == std::to_string(status.st_dev) + ':' + std::to_string(status.st_ino);
}

}  // namespace

void set_log_level(Level level) noexcept { threshold().store(level, std::memory_order_relaxed); }

bool is_logged(Level level) noexcept {
  return level <= threshold().load(std::memory_order_relaxed);
}

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
  if (!is_logged(level)) return;
  const std::string line =
      log_line(level, text, ::program_invocation_short_name, is_journal(STDERR_FILENO));
  // One write, so that lines do not mix; what does not fit a full pipe is lost, not waited for.
  [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, line.data(), line.size());
}

}  // namespace timecast
