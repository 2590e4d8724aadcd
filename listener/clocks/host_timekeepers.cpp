// SPDX-License-Identifier: MIT
#include "listener/clocks/host_timekeepers.hpp"

#include <sys/stat.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <system_error>

#include "common/host/host_clock.hpp"
#include "listener/clocks/chrony_feed.hpp"

namespace timecast {

namespace {

namespace fs = std::filesystem;

// As the kernel names processes: 15 characters.
constexpr std::string_view kOthers[] = {"ntpd", "systemd-timesyn", "phc2sys", "ntp-daemon"};
constexpr int kCapSysTime = 25;

std::string first_line(const fs::path& path) {
  std::ifstream file{path};
  std::string line;
  std::getline(file, line);
  return line;
}

bool is_number(const std::string& text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
}

// A child that nobody has waited for yet keeps no clock.
bool is_dead(const fs::path& process) {
  const std::string stat = first_line(process / "stat");
  const auto name_ends = stat.rfind(')');
  return name_ends == std::string::npos || stat.substr(name_ends + 1, 2) == " Z";
}

bool may_set_clock(const std::string& proc) {
  std::ifstream file{proc + "/self/status"};
  constexpr std::string_view kField = "CapEff:";
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with(kField)) continue;
    const std::uint64_t capabilities = std::strtoull(line.c_str() + kField.size(), nullptr, 16);
    return ((capabilities >> kCapSysTime) & 1U) != 0;
  }
  return false;
}

bool is_socket(const char* path) noexcept {
  struct stat found {};
  return ::stat(path, &found) == 0 && S_ISSOCK(found.st_mode);
}

void note(const fs::path& process, Timekeepers& found) {
  const std::string name = first_line(process / "comm");
  if (name == "chronyd" && !is_dead(process)) found.chronyd = true;
  for (const std::string_view other : kOthers) {
    if (name == other && !is_dead(process)) found.another = name;
  }
}

}  // namespace

Timekeepers find_timekeepers(const std::string& proc) {
  Timekeepers found;
  std::error_code none;
  for (fs::directory_iterator each{proc, none}, end; each != end; each.increment(none)) {
    if (is_number(each->path().filename())) note(each->path(), found);
  }
  if (found.another == "systemd-timesyn") found.another = "systemd-timesyncd";
  found.chrony_socket = is_socket(kUsualChronySocket);
  found.is_synchronised = read_kernel_clock().synchronised;
  found.may_set_clock = may_set_clock(proc);
  return found;
}

AutomaticChoice choose_clock(const Timekeepers& found) {
  if (found.chronyd && found.chrony_socket) {
    return {{ClockKind::chrony, kUsualChronySocket}, "chronyd runs and has a socket for it"};
  }
  if (found.chronyd) {
    return {{},
            "chronyd keeps this host's clock; for it to follow, add to its settings: refclock "
            "SOCK " +
                std::string{kUsualChronySocket} +
                " refid CAST poll 2 filter 4 stratum 2 delay 0.002; then start it and this one "
                "anew"};
  }
  if (!found.another.empty() && found.is_synchronised) {
    return {{}, found.another + " keeps this host's clock synchronised"};
  }
  if (!found.may_set_clock) {
    return {{}, "this process may not set the clock; give it CAP_SYS_TIME"};
  }
  return {{ClockKind::kernel}, "nobody else keeps this host's clock"};
}

}  // namespace timecast
