// SPDX-License-Identifier: MIT
#include "common/host/end_signals.hpp"

#include <poll.h>
#include <sys/signalfd.h>

#include <array>
#include <cerrno>
#include <csignal>

namespace timecast {

Result<EndSignals> EndSignals::start() {
  sigset_t signals{};
  ::sigemptyset(&signals);
  ::sigaddset(&signals, SIGTERM);
  ::sigaddset(&signals, SIGINT);
  UniqueFd fd{::signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC)};
  if (!fd || ::pthread_sigmask(SIG_BLOCK, &signals, nullptr) != 0) {
    return because(system_error("cannot watch for SIGTERM and SIGINT", errno));
  }
  return EndSignals{std::move(fd)};
}

bool EndSignals::await(int fd, short events) noexcept {
  std::array<pollfd, 2> waiting{{{fd_.get(), POLLIN, 0}, {fd, events, 0}}};
  int ready = -1;
  do {
    ready = ::poll(waiting.data(), waiting.size(), -1);
  } while (ready < 0 && errno == EINTR);
  if (ready < 0 || waiting[0].revents == 0) return true;
  signalfd_siginfo ignored{};
  const bool taken = ::read(fd_.get(), &ignored, sizeof ignored) == sizeof ignored;
  came_ = came_ || taken;
  return !taken;
}

}  // namespace timecast
