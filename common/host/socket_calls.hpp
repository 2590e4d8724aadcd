// SPDX-License-Identifier: MIT
//
// The system calls of a socket that can fail, in one place, so that a test can make each one fail.
#pragma once

#include <sys/socket.h>

namespace timecast {

struct SocketCalls {
  int (*socket)(int domain, int type, int protocol) noexcept;
  int (*bind)(int fd, const sockaddr* address, socklen_t length) noexcept;
  int (*set_option)(int fd, int level, int option, const void* value, socklen_t length) noexcept;
  ssize_t (*send)(int fd, const msghdr* message, int flags);
  ssize_t (*receive)(int fd, msghdr* message, int flags);
  int (*receive_many)(int fd, mmsghdr* messages, unsigned count, int flags, timespec* timeout);
  int (*send_many)(int fd, mmsghdr* messages, unsigned count, int flags);
};

inline constexpr SocketCalls kKernelSocketCalls{::socket,  ::bind,     ::setsockopt, ::sendmsg,
                                                ::recvmsg, ::recvmmsg, ::sendmmsg};

}  // namespace timecast
