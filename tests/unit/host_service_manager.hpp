// SPDX-License-Identifier: MIT
//
// A service manager that a test plays: the socket at which a program's notices arrive.
#pragma once

#include <doctest/doctest.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <vector>

#include "common/host/unique_fd.hpp"

namespace timecast {

class ListeningManager {
 public:
  // A path, or @NAME.
  explicit ListeningManager(const std::string& socket)
      : fd_{::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)} {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    REQUIRE(socket.size() < sizeof address.sun_path);
    std::copy(socket.begin(), socket.end(), address.sun_path);
    std::size_t length = offsetof(sockaddr_un, sun_path) + socket.size();
    if (socket[0] == '@') {
      address.sun_path[0] = '\0';
    } else {
      ++length;
    }
    REQUIRE(::bind(fd_.get(), reinterpret_cast<const sockaddr*>(&address),
                   static_cast<socklen_t>(length)) == 0);
  }

  // What has arrived since the last call, a text for each datagram.
  std::vector<std::string> heard() {
    std::vector<std::string> all;
    std::array<char, 4096> buffer{};
    for (;;) {
      const ssize_t got = ::recv(fd_.get(), buffer.data(), buffer.size(), 0);
      if (got < 0) return all;
      all.emplace_back(buffer.data(), static_cast<std::size_t>(got));
    }
  }

 private:
  UniqueFd fd_;
};

}  // namespace timecast
