// SPDX-License-Identifier: MIT
#include "common/host/interface_watch.hpp"

#include <sys/socket.h>
// After the socket types, which they use.
#include <linux/netlink.h>
#include <linux/rtnetlink.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <span>

namespace timecast {

namespace {

// Which interface a message says to be destroyed. One that leaves its bridge is told the same way,
// but by the bridge's family.
std::optional<std::uint32_t> destroyed_in(std::span<const char> message, int type) {
  ifinfomsg link{};
  if (type != RTM_DELLINK || message.size() < NLMSG_HDRLEN + sizeof link) return std::nullopt;
  std::memcpy(&link, message.data() + NLMSG_HDRLEN, sizeof link);
  if (link.ifi_family != AF_UNSPEC) return std::nullopt;
  return static_cast<std::uint32_t>(link.ifi_index);
}

void note_gone(std::span<const char> messages, InterfaceChange& change) {
  nlmsghdr header{};
  while (messages.size() >= sizeof header) {
    std::memcpy(&header, messages.data(), sizeof header);
    if (header.nlmsg_len < sizeof header || header.nlmsg_len > messages.size()) break;
    const auto gone = destroyed_in(messages.first(header.nlmsg_len), header.nlmsg_type);
    if (gone) change.gone.push_back(*gone);
    const std::size_t aligned = NLMSG_ALIGN(header.nlmsg_len);
    if (aligned >= messages.size()) break;
    messages = messages.subspan(aligned);
  }
}

// Reads all that waits; nothing if nothing did.
std::optional<InterfaceChange> drain(int fd) {
  constexpr int kMessagesATurn = 1000;
  constexpr std::size_t kLongest = 8192;  // of a message; what is cut off of one does not matter
  std::array<char, kLongest> buffer;
  std::optional<InterfaceChange> change;
  for (int i = 0; i < kMessagesATurn; ++i) {
    const ssize_t length = ::recv(fd, buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (length < 0 && errno != ENOBUFS) break;
    if (!change) change.emplace();
    if (length < 0) {
      change->is_complete = false;
    } else {
      note_gone(std::span{buffer}.first(static_cast<std::size_t>(length)), *change);
    }
  }
  return change;
}

}  // namespace

Result<InterfaceWatch> InterfaceWatch::start(
    Loop& loop, std::function<void(const InterfaceChange&)> on_change) {
  UniqueFd fd{::socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, NETLINK_ROUTE)};
  sockaddr_nl address{};
  address.nl_family = AF_NETLINK;
  address.nl_groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR;
  if (!fd || ::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return because(system_error("cannot watch the network interfaces", errno));
  }
  const int number = fd.get();
  auto poll = PollHandle::start(loop, std::move(fd), [number, on_change = std::move(on_change)] {
    if (const auto change = drain(number)) on_change(*change);
  });
  if (!poll) return because(poll.error());
  return InterfaceWatch{std::move(*poll)};
}

}  // namespace timecast
