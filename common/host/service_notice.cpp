// SPDX-License-Identifier: MIT
#include "common/host/service_notice.hpp"

#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>

#include "common/host/environment.hpp"
#include "common/host/log.hpp"
#include "common/host/option_value.hpp"

namespace timecast {

namespace {

constexpr const char* kSocketVariable = "NOTIFY_SOCKET";
constexpr std::uint64_t kMostMicroseconds = std::uint64_t{365} * 86'400 * 1'000'000;
// A manager that does not read: longer than it is busy, shorter than an announcement may be late.
constexpr timeval kPatience{0, 100'000};
constexpr Duration kLeastPace = Duration::milliseconds(1);

std::optional<Duration> watchdog() {
  const auto us =
      parse_whole_number(environment("WATCHDOG_USEC").value_or(""), 1, kMostMicroseconds);
  if (!us) return std::nullopt;
  // It is inherited also by programs that this is not about.
  const auto pid = environment("WATCHDOG_PID");
  if (pid && *pid != std::to_string(::getpid())) return std::nullopt;
  return Duration::microseconds(static_cast<std::int64_t>(*us));
}

std::uint64_t monotonic_us() noexcept {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000 +
         static_cast<std::uint64_t>(now.tv_nsec) / 1'000;
}

}  // namespace

ServiceManager service_manager() { return {environment(kSocketVariable).value_or(""), watchdog()}; }

ServiceNotice::ServiceNotice(const ServiceManager& manager) {
  if (manager.socket.empty()) return;
  const auto opened = open(manager.socket);
  if (!opened) complain(opened.error());
  if (opened && manager.watchdog) pace_ = std::max(*manager.watchdog / 2, kLeastPace);
}

Result<void> ServiceNotice::open(const std::string& socket) {
  const bool is_path = socket[0] == '/';
  const bool is_name = socket[0] == '@' && socket.size() > 1;
  if (!is_path && !is_name) {
    return because(Error{"it is neither a path from the root nor @ and a name"});
  }
  constexpr std::size_t kMost = sizeof address_.sun_path - 1;
  if (socket.size() > kMost) {
    return because(Error{"it has " + std::to_string(socket.size()) + " octets, and may have " +
                         std::to_string(kMost)});
  }
  address_.sun_family = AF_UNIX;
  std::copy(socket.begin(), socket.end(), address_.sun_path);
  if (is_name) address_.sun_path[0] = '\0';
  const std::size_t path_end = is_path ? 1 : 0;  // a name is counted, a path ends with a zero
  address_length_ =
      static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + socket.size() + path_end);
  fd_ = UniqueFd{::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
  if (!fd_) return because(Error{reason_of(errno)});
  ::setsockopt(fd_.get(), SOL_SOCKET, SO_SNDTIMEO, &kPatience, sizeof kPatience);
  return {};
}

void ServiceNotice::status(std::string_view text) {
  if (text == status_) return;
  status_ = text;
  std::string line = "STATUS=" + status_;
  std::replace(line.begin(), line.end(), '\n', ' ');  // it would begin another assignment
  tell(line);
}

void ServiceNotice::ready() {
  if (is_ready_) return;
  is_ready_ = true;
  tell("READY=1");
}

// For who is not ready yet the manager waits anyhow.
void ServiceNotice::reloading() {
  if (!is_ready_) return;
  is_reloading_ = true;
  tell("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(monotonic_us()));
}

void ServiceNotice::reloaded() {
  if (!is_reloading_) return;
  is_reloading_ = false;
  tell("READY=1");
}

void ServiceNotice::stopping() { tell("STOPPING=1"); }

void ServiceNotice::alive() { tell("WATCHDOG=1"); }

void ServiceNotice::tell(std::string_view text) {
  if (!fd_) return;
  const auto* const manager = reinterpret_cast<const sockaddr*>(&address_);
  const ssize_t sent =
      ::sendto(fd_.get(), text.data(), text.size(), MSG_NOSIGNAL, manager, address_length_);
  if (sent < 0) complain(Error{reason_of(errno)});
}

void ServiceNotice::complain(const Error& error) {
  if (has_complained_) return;
  has_complained_ = true;
  log(Level::warning, "the service manager cannot be told how this program is, by $" +
                          std::string{kSocketVariable} + ": " + error.text);
}

}  // namespace timecast
