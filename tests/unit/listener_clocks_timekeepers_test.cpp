// SPDX-License-Identifier: MIT
#include "listener/clocks/host_timekeepers.hpp"

#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <string>

#include <doctest/doctest.h>

#include "common/host/clock_keeper.hpp"
#include "tests/unit/host_directory.hpp"

using namespace timecast;

namespace {

Timekeepers host(bool chronyd, bool chrony_socket, const char* another, bool is_synchronised,
                 bool may_set_clock = true) {
  return {chronyd, chrony_socket, another, is_synchronised, may_set_clock};
}

Timekeepers after_ours(bool has_loop) {
  Timekeepers found = host(false, false, "systemd-timesyncd", true);
  found.was_ours = true;
  found.has_loop = has_loop;
  return found;
}

Timekeepers silent_kernel(Timekeepers found, int failure = EPERM) {
  found.kernel_failure = failure;
  return found;
}

constexpr const char* kSetsClocks = "0000000002000000";
constexpr const char* kAllRights = "000001ffffffffff";
constexpr const char* kOurUsers = "         0          0 4294967295\n";

// A folder like /proc.
class Processes {
 public:
  Processes() {
    std::filesystem::create_directory(root() + "/self");
    std::ofstream{root() + "/self/uid_map"} << kOurUsers;
  }
  void add(int pid, const std::string& name, char state = 'S', const char* rights = kSetsClocks,
           const char* users = kOurUsers) {
    const std::string folder = root() + "/" + std::to_string(pid);
    std::filesystem::create_directory(folder);
    std::ofstream{folder + "/comm"} << name << "\n";
    std::ofstream{folder + "/stat"} << pid << " (" << name << ") " << state << " 1 1\n";
    std::ofstream{folder + "/status"} << "Name:\t" << name << "\nCapEff:\t" << rights << "\n";
    std::ofstream{folder + "/uid_map"} << users;
  }
  void set_capabilities(const std::string& effective) {
    const std::string own = root() + "/" + std::to_string(::getpid());
    std::filesystem::create_directory(own);
    std::ofstream{own + "/status"} << "Name:\tx\nCapEff:\t" << effective << "\n";
    std::ofstream{own + "/uid_map"} << kOurUsers;
  }
  [[nodiscard]] std::string root() const { return directory_.path(); }

 private:
  TemporaryDirectory directory_;
};

}  // namespace

TEST_CASE("auto: each host gets what suits it, with the reason") {
  struct Row {
    const char* name;
    Timekeepers found;
    const char* choice;
    const char* reason;  // a part of it
  };
  const Row rows[] = {
      {"nobody", host(false, false, "", false), "kernel", "nobody else keeps"},
      {"nobody, but a clock that was kept", host(false, false, "", true), "kernel", "nobody else"},
      {"chronyd with our socket", host(true, true, "", true), "chrony:/run/chrony.timecast.sock",
       "has a socket for it"},
      {"chronyd without", host(true, false, "", true), "none",
       "add to its settings: refclock SOCK /run/chrony.timecast.sock"},
      {"chronyd without, not synchronised", host(true, false, "", false), "none", "add to its"},
      {"a socket that chronyd left", host(false, true, "", false), "kernel", "nobody else keeps"},
      {"timesyncd", host(false, false, "systemd-timesyncd", true), "none",
       "systemd-timesyncd keeps this host's clock synchronised"},
      {"timesyncd that reaches nobody", host(false, false, "systemd-timesyncd", false), "kernel",
       "systemd-timesyncd runs, but does not keep this host's clock"},
      {"timesyncd that reaches nobody, after a listener", after_ours(false), "kernel",
       "systemd-timesyncd runs, but does not keep this host's clock"},
      {"timesyncd that has taken over from a listener", after_ours(true), "none",
       "systemd-timesyncd keeps"},
      {"a kernel that does not tell", silent_kernel(host(false, false, "ntpd", false)), "none",
       "the kernel does not tell of this host's clock: operation not permitted"},
      {"a keeper of the clock that does not answer",
       silent_kernel(host(false, false, "", false, false), kKeeperSilent), "kernel",
       "so nobody says who else keeps this host's clock"},
      {"the same, and chronyd to feed", silent_kernel(host(true, true, "", false)),
       "chrony:/run/chrony.timecast.sock", "has a socket"},
      {"ntpd", host(false, false, "ntpd", true), "none", "ntpd keeps"},
      {"no right", host(false, false, "", false, false), "none", "give it CAP_SYS_TIME"},
      {"chronyd needs no right of ours", host(true, true, "", true, false),
       "chrony:/run/chrony.timecast.sock", "has a socket"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    const AutomaticChoice chosen = choose_clock(row.found);
    CHECK(to_string(chosen.choice) == row.choice);
    CHECK(chosen.because.find(row.reason) != std::string::npos);
    const bool is_silent = row.found.kernel_failure == kKeeperSilent;
    CHECK(chosen.is_blind == is_silent);
  }
}

TEST_CASE("auto: time daemons are known by their processes, those that have ended are not") {
  struct Row {
    const char* process;
    char state;
    bool chronyd;
    const char* another;
  };
  const Row rows[] = {
      {"chronyd", 'S', true, ""},   {"chronyd", 'Z', false, ""},
      {"ntpd", 'S', false, "ntpd"}, {"systemd-timesyn", 'S', false, "systemd-timesyncd"},
      {"ptp4l", 'R', false, ""},    {"phc2sys", 'R', false, "phc2sys"},
      {"sshd", 'S', false, ""},
  };
  for (const Row& row : rows) {
    CAPTURE(row.process);
    Processes processes;
    processes.add(1, "init");
    processes.add(321, row.process, row.state);
    const Timekeepers found = find_timekeepers(processes.root());
    CHECK(found.chronyd == row.chronyd);
    CHECK(found.another == row.another);
  }
}

TEST_CASE("auto: a name alone makes no program one that keeps the clock") {
  struct Row {
    const char* name;
    const char* rights;
    const char* users;
    bool keeps;
  };
  const Row rows[] = {
      {"of any user's", "0000000000000000", kOurUsers, false},
      {"in a container", "00000000a80425fb", kOurUsers, false},
      {"in a container that may set this host's clock", "00000000aa0425fb", kOurUsers, true},
      {"root of a namespace of its own", kAllRights, "         0       1000          1\n", false},
      {"the same, of a namespace without users", kAllRights, "", false},
      {"this host's", kSetsClocks, kOurUsers, true},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    Processes processes;
    processes.add(321, "chronyd", 'S', row.rights, row.users);
    processes.add(322, "ntpd", 'S', row.rights, row.users);
    Timekeepers found = find_timekeepers(processes.root());
    CHECK(found.chronyd == row.keeps);
    CHECK(found.powerless_chronyd == !row.keeps);
    CHECK(found.another == (row.keeps ? "ntpd" : ""));
  }
}

TEST_CASE("auto: a chronyd that may not set the clock is fed where it has a socket") {
  Timekeepers found = host(false, true, "", false);
  found.powerless_chronyd = true;
  CHECK(choose_clock(found).choice.kind == ClockKind::chrony);
  found.chrony_socket = false;
  CHECK(choose_clock(found).choice.kind == ClockKind::kernel);
}

TEST_CASE("auto: the right to set the clock is read from this process's capabilities") {
  struct Row {
    const char* effective;
    bool may;
  };
  for (const Row& row : {Row{"0000000002000000", true}, Row{"000001fffdffffff", false},
                         Row{"0000000000000000", false}, Row{"000001ffffffffff", true}}) {
    CAPTURE(row.effective);
    Processes processes;
    processes.set_capabilities(row.effective);
    CHECK(find_timekeepers(processes.root()).may_set_clock == row.may);
  }
}

TEST_CASE("auto: a host that does not show its processes is one without any") {
  const Timekeepers found = find_timekeepers("/nonexistent");
  CHECK_FALSE(found.chronyd);
  CHECK(found.another.empty());
  CHECK_FALSE(found.may_set_clock);
}
