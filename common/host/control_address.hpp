// SPDX-License-Identifier: MIT
//
// The address of a control socket, for both of its sides. For control_socket.cpp and
// control_request.cpp alone.
#pragma once

#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>
#include <string>

#include "common/host/error.hpp"

namespace timecast {

inline Result<sockaddr_un> control_address(const std::string& place) {
  sockaddr_un address{};
  constexpr std::size_t kMost = sizeof address.sun_path - 1;
  if (place.empty() || place.size() > kMost) {
    return because(Error{'"' + place + "\": the path of a socket has 1 to " +
                         std::to_string(kMost) + " octets, this has " +
                         std::to_string(place.size()) + "; name another with --socket"});
  }
  address.sun_family = AF_UNIX;
  std::copy(place.begin(), place.end(), address.sun_path);
  return address;
}

// 0 or an errno value.
inline int connect_control(int fd, const sockaddr_un& address) noexcept {
  const auto* const any = reinterpret_cast<const sockaddr*>(&address);
  return ::connect(fd, any, sizeof address) == 0 ? 0 : errno;
}

}  // namespace timecast
