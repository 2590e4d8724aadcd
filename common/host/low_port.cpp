// SPDX-License-Identifier: MIT
#include "common/host/low_port.hpp"

#include <unistd.h>

#include <array>
#include <cerrno>

namespace timecast {

namespace {

constexpr std::uint16_t kFirstFreePort = 1024;

std::string own_path() {
  std::array<char, 4096> path{};
  const ssize_t length = ::readlink("/proc/self/exe", path.data(), path.size());
  return length > 0 ? std::string{path.data(), static_cast<std::size_t>(length)}
                    : std::string{"PROGRAM"};
}

}  // namespace

bool lacks_privilege(const Error& error, std::uint16_t port) noexcept {
  return port < kFirstFreePort && (error.errno_value == EACCES || error.errno_value == EPERM);
}

std::string privilege_text(std::uint16_t port) {
  const std::string number = std::to_string(port);
  return "port " + number + " needs a privilege; sudo setcap cap_net_bind_service+ep " +
         own_path() + ", or sudo sysctl net.ipv4.ip_unprivileged_port_start=" + number +
         ", or run it as root";
}

}  // namespace timecast
