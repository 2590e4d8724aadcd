// SPDX-License-Identifier: MIT
#include "listener/clocks/host_timekeepers.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include "common/host/host_clock.hpp"
#include "common/host/kernel_tables.hpp"
#include "listener/clocks/chrony_feed.hpp"

namespace timecast {

namespace {

bool is_socket(const char* path) noexcept {
  struct stat found {};
  return ::stat(path, &found) == 0 && S_ISSOCK(found.st_mode);
}

}  // namespace

Timekeepers find_timekeepers(const std::string& proc) {
  Timekeepers found;
  for (const Process& each : list_processes(proc)) {
    if (each.name == kChronyd) {
      found.chronyd = true;
    } else if (keeps_clocks(each)) {
      found.another = each.name == kTimesyncd ? "systemd-timesyncd" : each.name;
    }
  }
  found.chrony_socket = is_socket(kUsualChronySocket);
  found.is_synchronised = read_kernel_clock().synchronised;
  found.may_set_clock = may_set_clock({static_cast<std::uint32_t>(::getpid()), {}}, proc);
  return found;
}

AutomaticChoice choose_clock(const Timekeepers& found) {
  if (found.chronyd && found.chrony_socket) {
    return {{ClockKind::chrony, kUsualChronySocket}, "chronyd runs and has a socket for it"};
  }
  if (found.chronyd) {
    return {{},
            "chronyd keeps this host's clock; for it to follow, add to its settings: " +
                refclock_line(kUsualChronySocket) + "; then start it and this one anew"};
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
