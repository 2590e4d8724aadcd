// SPDX-License-Identifier: MIT
//
// The side that asks. The daemon's: control_socket.cpp.
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "common/host/control_address.hpp"
#include "common/host/control_socket.hpp"
#include "common/host/host_clock.hpp"
#include "common/host/program.hpp"

namespace timecast {

namespace {

constexpr std::size_t kMaxReplyOctets = 16U << 20;

// For connecting while the daemon's queue is full, and for sending.
void set_patience(int fd, Duration patience) noexcept {
  const std::int64_t us = std::max<std::int64_t>(patience.count_ns() / 1000, 1);  // 0 is for ever
  const timeval limit{us / 1'000'000, us % 1'000'000};
  ::setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
}

// Nothing but the reason: the caller names the place.
Result<UniqueFd> connect_to(const std::string& place, Duration patience) {
  const auto address = control_address(place);
  if (!address) return because(address.error());
  UniqueFd fd{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  if (!fd) return because(Error{reason_of(errno)});
  set_patience(fd.get(), patience);
  const int failed = connect_control(fd.get(), *address);
  if (failed == 0) return fd;
  return because(Error{failed == EAGAIN ? "it is busy" : reason_of(failed)});
}

// 0, or an errno value: ETIMEDOUT at the deadline.
int wait_readable(int fd, Timestamp<Boot> deadline) {
  constexpr std::int64_t kSpeakAfterMs = 2'000;
  for (bool is_told = false;;) {
    const Duration left = deadline - boot_now();
    if (left <= Duration{}) return ETIMEDOUT;
    pollfd wanted{fd, POLLIN, 0};
    const std::int64_t left_ms =
        std::min<std::int64_t>(left.count_ns() / 1'000'000 + 1, kSpeakAfterMs);
    const int ready = ::poll(&wanted, 1, static_cast<int>(left_ms));
    if (ready > 0) return 0;
    if (ready == 0 && !is_told) say_meanwhile("no answer yet; waiting for one");
    is_told = is_told || ready == 0;
    if (ready < 0 && errno != EINTR) return errno;
  }
}

// Until the daemon closes. 0 or an errno value.
int read_reply(int fd, std::string& reply, Timestamp<Boot> deadline) {
  std::array<char, 4096> buffer{};
  while (reply.size() <= kMaxReplyOctets) {
    const int failed = wait_readable(fd, deadline);
    if (failed != 0) return failed;
    const ssize_t got = ::recv(fd, buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (got == 0) return 0;
    if (got < 0 && errno != EAGAIN && errno != EINTR) return errno;
    if (got > 0) reply.append(buffer.data(), static_cast<std::size_t>(got));
  }
  return EMSGSIZE;
}

Result<std::string> converse(int fd, const std::string& place, const std::string& line,
                             Timestamp<Boot> deadline) {
  std::string reply;
  int failed = ::send(fd, line.data(), line.size(), MSG_NOSIGNAL) < 0 ? errno : 0;
  if (failed == 0) failed = read_reply(fd, reply, deadline);
  if (failed != 0) return because(system_error("no answer at " + place, failed));
  if (reply.empty() || reply.back() != '\n') {
    return because(Error{"no answer at " + place + ": it was cut off"});
  }
  reply.pop_back();
  return reply;
}

}  // namespace

Result<std::string> control_request(const std::vector<std::string>& places,
                                    std::string_view request, Duration timeout) {
  constexpr std::size_t kMost = ControlServer::kMaxRequestOctets - 1;
  if (request.size() > kMost || request.find('\n') != std::string_view::npos) {
    return because(Error{"a request is one line of at most " + std::to_string(kMost) + " octets"});
  }
  const Timestamp<Boot> deadline = boot_now() + timeout;
  const std::string line = std::string{request} + '\n';
  std::string failures;
  for (const std::string& place : places) {
    const auto fd = connect_to(place, deadline - boot_now());
    if (fd) return converse(fd->get(), place, line, deadline);
    failures.append(failures.empty() ? "" : ", ").append(place + ": " + fd.error().text);
  }
  return because(Error{"no daemon answers (" + failures +
                       "); is it running? if it is, name its socket with --socket"});
}

}  // namespace timecast
