// SPDX-License-Identifier: MIT
#include "common/host/privileges.hpp"

#include <doctest/doctest.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "tests/unit/host_directory.hpp"

using namespace timecast;

namespace {

std::uint64_t capabilities(const std::string& set) {
  std::ifstream status{"/proc/self/status"};
  for (std::string line; std::getline(status, line);) {
    if (line.rfind(set + ":", 0) == 0) return std::stoull(line.substr(set.size() + 1), nullptr, 16);
  }
  return ~std::uint64_t{0};
}

// In a process of its own, since it is for good. Whether the check held there.
template <class Check>
bool holds_in_child(Check check) {
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) ::_exit(check() ? 0 : 1);
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

constexpr std::uint64_t kLowPorts = std::uint64_t{1} << 10U;

}  // namespace

TEST_CASE("privileges: what is not kept is gone, for this process and all that it starts") {
  CHECK(holds_in_child([] {
    const bool had_it = (capabilities("CapEff") & kLowPorts) != 0;
    if (!keep_only({Privilege::low_ports})) return false;
    return (capabilities("CapEff") & ~kLowPorts) == 0 &&
           (capabilities("CapPrm") & ~kLowPorts) == 0 &&
           ((capabilities("CapEff") & kLowPorts) != 0) == had_it;
  }));
  CHECK(holds_in_child([] {
    return keep_only({}) && capabilities("CapEff") == 0 && capabilities("CapPrm") == 0 &&
           ::prctl(PR_GET_NO_NEW_PRIVS, 0UL, 0UL, 0UL, 0UL) == 1;
  }));
}

TEST_CASE("privileges: given up once, they may be given up again, and do not come back") {
  CHECK(holds_in_child([] {
    return keep_only({}) && keep_only({Privilege::low_ports}) && capabilities("CapEff") == 0;
  }));
}

namespace {

bool has(const std::vector<Privilege>& all, Privilege one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

}  // namespace

TEST_CASE("privileges: those for others' files are needed only where a place is another user's") {
  const TemporaryDirectory own;
  put_file(own / "file", "");
  const auto needed = needed_privileges({own.path(), own / "file", own / "nothing"});
  CHECK(has(needed, Privilege::low_ports));
  for (const Privilege each : {Privilege::any_file, Privilege::any_owner, Privilege::set_time}) {
    CHECK_FALSE(has(needed, each));
  }
  const TemporaryDirectory anothers;
  give_to_another(anothers.path());
  const bool is_anothers = !have_one_owner(own.path(), anothers.path());
  for (const Privilege each : {Privilege::any_file, Privilege::any_owner}) {
    CHECK(has(needed_privileges({own.path(), anothers.path()}), each) == is_anothers);
  }
}
