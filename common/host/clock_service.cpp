// SPDX-License-Identifier: MIT
#include "common/host/clock_service.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "common/host/clock_programs.hpp"
#include "common/host/environment.hpp"
#include "common/host/host_clock.hpp"
#include "common/host/log.hpp"
#include "common/host/service_notice.hpp"
#include "common/host/unique_fd.hpp"

namespace timecast {

namespace {

constexpr int kFirstInherited = 3;  // SD_LISTEN_FDS_START
constexpr int kPatienceMs = 500;

KeeperAnswer refusal(int reason) {
  KeeperAnswer answer;
  answer.failure = reason;
  return answer;
}

int option_of(int fd, int name) noexcept {
  int value = 0;
  socklen_t length = sizeof value;
  return ::getsockopt(fd, SOL_SOCKET, name, &value, &length) == 0 ? value : -1;
}

}  // namespace

KeeperAnswer ClockService::answer(const KeeperRequest& request, Timestamp<Boot> now) const {
  if (request.version != KeeperRequest{}.version) return refusal(EPROTO);
  KeeperAnswer answer;
  if (request.ask == KeeperAsk::clock_programs) {
    answer.programs = running_clock_programs(proc);
    answer.may_set_clock =
        rights && may_set_clock({static_cast<std::uint32_t>(::getpid()), {}}, proc) ? 1 : 0;
    return answer;
  }
  if (request.ask != KeeperAsk::adjtimex) return refusal(EPROTO);
  if (request.call.modes != 0) {
    const Timestamp<Boot> not_after{Duration::nanoseconds(request.not_after_ns)};
    if (now > not_after) return refusal(ETIME);  // before a step is counted that is not made
    if (!rights || !rights(request.call, now)) return refusal(EACCES);
  }
  answer.call = request.call;
  answer.state = calls.adjtimex(&answer.call);
  return answer.state == -1 ? refusal(errno) : answer;
}

void serve_one(int listening, const ClockService& service) {
  const UniqueFd client{::accept4(listening, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK)};
  if (!client) return;
  pollfd asks{client.get(), POLLIN, 0};
  if (::poll(&asks, 1, kPatienceMs) <= 0) return;
  KeeperRequest request;
  // More than a request is cut, and then it is none.
  const ssize_t size = ::recv(client.get(), &request, sizeof request, MSG_TRUNC);
  if (size != sizeof request) return;
  const KeeperAnswer answer = service.answer(request, boot_now());
  // Who does not take it has gone.
  static_cast<void>(::send(client.get(), &answer, sizeof answer, MSG_NOSIGNAL));
}

Result<int> inherited_socket() {
  const bool is_ours = environment("LISTEN_PID") == std::to_string(::getpid());
  const bool is_socket = option_of(kFirstInherited, SO_TYPE) == SOCK_SEQPACKET &&
                         option_of(kFirstInherited, SO_ACCEPTCONN) == 1;
  if (is_ours && environment("LISTEN_FDS") == "1" && is_socket) return kFirstInherited;
  return because(
      Error{"this program is started by systemd, on the socket of its unit; to try it: "
            "systemd-socket-activate --seqpacket --listen=PATH PROGRAM"});
}

int serve_clock(const ClockService& service) {
  const auto listening = inherited_socket();
  if (!listening) {
    log(Level::error, listening.error().text);
    return listening.error().exit_code;
  }
  ServiceNotice notice{service_manager()};
  notice.ready();
  const int pace_ms = notice.pace() ? static_cast<int>(notice.pace()->count_ns() / 1'000'000) : -1;
  for (;;) {
    pollfd asks{*listening, POLLIN, 0};
    if (::poll(&asks, 1, pace_ms) > 0) serve_one(*listening, service);
    if (notice.pace()) notice.alive();
  }
}

}  // namespace timecast
