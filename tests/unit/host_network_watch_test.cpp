// SPDX-License-Identifier: MIT
#include "common/host/network_watch.hpp"

#include <doctest/doctest.h>
#include <sys/resource.h>

#include <algorithm>

#include "tests/unit/child_output.hpp"

using namespace timecast;

TEST_CASE("network watch: lists the interfaces there are") {
  Loop loop;
  NetworkWatch network{loop};
  REQUIRE(network.start([] {}));
  const auto present = network.interfaces();
  REQUIRE(present);
  CHECK(
      std::any_of(present->begin(), present->end(), [](const Interface& i) { return i.loopback; }));
}

TEST_CASE("network watch: interfaces that cannot be listed are not taken for none") {
  // In a child process: limits are the whole process's.
  const ChildOutput output = output_of([] {
    Loop loop;
    NetworkWatch network{loop};
    if (!network.start([] {})) return 99;
    rlimit none{};
    ::getrlimit(RLIMIT_NOFILE, &none);
    none.rlim_cur = 0;  // so that no netlink socket can be opened
    ::setrlimit(RLIMIT_NOFILE, &none);
    return network.interfaces() || network.interfaces() ? 1 : 0;
  });
  CHECK(output.exit_code == 0);
  const std::string told = "cannot list this host's interfaces; trying again\n";
  const std::size_t first = output.err.find(told);
  REQUIRE(first != std::string::npos);
  CHECK(output.err.find(told, first + 1) == std::string::npos);
}
