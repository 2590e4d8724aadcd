// SPDX-License-Identifier: MIT
#include "common/host/interface_watch.hpp"

#include <sys/socket.h>
// After the socket types, which they use.
#include <linux/netlink.h>
#include <linux/rtnetlink.h>

#include <cerrno>

namespace timecast {

namespace {

// Reads all that waits. What it says does not matter: a queue that ran over (ENOBUFS) tells of
// changes too. Whether anything has changed.
bool drain(int fd) noexcept {
  constexpr int kMessagesATurn = 1000;
  bool changed = false;
  for (int i = 0; i < kMessagesATurn; ++i) {
    char first = 0;  // the kernel drops the rest of the message
    if (::recv(fd, &first, sizeof first, MSG_DONTWAIT) < 0 && errno != ENOBUFS) break;
    changed = true;
  }
  return changed;
}

}  // namespace

Result<InterfaceWatch> InterfaceWatch::start(Loop& loop, std::function<void()> on_change) {
  UniqueFd fd{::socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, NETLINK_ROUTE)};
  sockaddr_nl address{};
  address.nl_family = AF_NETLINK;
  address.nl_groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR;
  if (!fd || ::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return because(system_error("cannot watch the network interfaces", errno));
  }
  const int number = fd.get();
  auto poll = PollHandle::start(loop, std::move(fd), [number, on_change = std::move(on_change)] {
    if (drain(number)) on_change();
  });
  if (!poll) return because(poll.error());
  return InterfaceWatch{std::move(*poll)};
}

}  // namespace timecast
