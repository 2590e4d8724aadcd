// SPDX-License-Identifier: MIT
#include "common/host/low_port.hpp"

#include <doctest/doctest.h>

#include <cerrno>
#include <filesystem>

using namespace timecast;

TEST_CASE("low port: a refusal is for want of a privilege only below 1024") {
  struct Row {
    int errno_value;
    std::uint16_t port;
    bool lacks;
  };
  for (const Row& row : {Row{EACCES, 123, true}, Row{EPERM, 1023, true}, Row{EACCES, 1024, false},
                         Row{EADDRINUSE, 123, false}, Row{0, 123, false}}) {
    CAPTURE(row.errno_value);
    CAPTURE(row.port);
    CHECK(lacks_privilege(Error{"why", kExitFailed, row.errno_value}, row.port) == row.lacks);
  }
}

TEST_CASE("low port: the way out names this program") {
  CHECK(privilege_text(123) ==
        "port 123 needs a privilege; sudo setcap cap_net_bind_service+ep " +
            std::filesystem::read_symlink("/proc/self/exe").string() +
            ", or sudo sysctl net.ipv4.ip_unprivileged_port_start=123, or run it as root");
}
