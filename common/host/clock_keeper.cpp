// SPDX-License-Identifier: MIT
#include "common/host/clock_keeper.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>

#include "common/host/environment.hpp"
#include "common/host/error.hpp"
#include "common/host/host_clock.hpp"
#include "common/host/unique_fd.hpp"

namespace timecast {

namespace {

// What takes longer is not done: a slew is planned for the second that it is asked in.
constexpr Duration kActWithin = Duration::milliseconds(100);

UniqueFd connect_to(const std::string& socket) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (socket.size() >= sizeof address.sun_path) return {};
  std::copy(socket.begin(), socket.end(), address.sun_path);
  UniqueFd fd{::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
  // It succeeds at once or not at all, also where the keeper is still to be started.
  const auto* const place = reinterpret_cast<const sockaddr*>(&address);
  if (fd && ::connect(fd.get(), place, sizeof address) != 0) fd.reset();
  return fd;
}

bool await_answer(int fd, Timestamp<Boot> until) {
  for (;;) {
    const std::int64_t left_ms = (until - boot_now()).count_ns() / 1'000'000 + 1;
    pollfd answer{fd, POLLIN, 0};
    const int ready =
        ::poll(&answer, 1, static_cast<int>(std::clamp<std::int64_t>(left_ms, 0, 60'000)));
    if (ready >= 0 || errno != EINTR) return ready > 0;
  }
}

int adjtimex_by_keeper(timex* request) {
  const auto socket = keeper_socket();
  KeeperRequest asked;
  asked.call = *request;
  const KeeperAnswer answer = ask_keeper(socket.value_or(""), asked, kKeeperPatience);
  if (answer.failure != 0) {
    errno = answer.failure;
    return -1;
  }
  *request = answer.call;
  return answer.state;
}

}  // namespace

std::optional<std::string> keeper_socket() { return environment(kKeeperVariable); }

KeeperAnswer ask_keeper(const std::string& socket, const KeeperRequest& request,
                        Duration patience) {
  KeeperAnswer silent;
  silent.failure = kKeeperSilent;
  const UniqueFd fd = connect_to(socket);
  if (!fd) return silent;
  KeeperRequest sent = request;
  sent.not_after_ns = (boot_now() + kActWithin).since_epoch().count_ns();
  if (::send(fd.get(), &sent, sizeof sent, MSG_NOSIGNAL) != sizeof sent) return silent;
  if (!await_answer(fd.get(), boot_now() + patience)) return silent;
  KeeperAnswer answer;
  if (::recv(fd.get(), &answer, sizeof answer, 0) != sizeof answer) return silent;
  return answer;
}

KernelCalls host_kernel_calls() {
  return keeper_socket() ? KernelCalls{adjtimex_by_keeper} : kKernelCalls;
}

std::string clock_failure_text(int failure) {
  if (failure != kKeeperSilent) return reason_of(failure);
  return std::string{kKeeperSilentText} + " at " + keeper_socket().value_or("its socket");
}

}  // namespace timecast
