// SPDX-License-Identifier: MIT
//
// Loaded before a program, it makes a sandbox without rtnetlink of this one. With
// TIMECAST_NO_NETLINK=watch interfaces can be listed, but nobody is told when they change.
#include <errno.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>
// After the socket types, which it uses.
#include <linux/netlink.h>

#include <cstdlib>
#include <cstring>

namespace {

// Not those that start it.
bool is_ours() noexcept { return std::strncmp(program_invocation_short_name, "timecast-", 9) == 0; }

bool refuses_the_watch_alone() noexcept {
  const char* const what = std::getenv("TIMECAST_NO_NETLINK");
  return what != nullptr && std::strcmp(what, "watch") == 0;
}

}  // namespace

extern "C" int socket(int family, int type, int protocol) noexcept {
  if (family == AF_NETLINK && is_ours() && !refuses_the_watch_alone()) {
    errno = EAFNOSUPPORT;
    return -1;
  }
  return static_cast<int>(::syscall(SYS_socket, family, type, protocol));
}

extern "C" int bind(int fd, const sockaddr* address, socklen_t length) noexcept {
  sockaddr_nl netlink{};
  if (is_ours() && address->sa_family == AF_NETLINK && length >= sizeof netlink) {
    std::memcpy(&netlink, address, sizeof netlink);
    if (netlink.nl_groups != 0) {
      errno = EPERM;
      return -1;
    }
  }
  return static_cast<int>(::syscall(SYS_bind, fd, address, length));
}
