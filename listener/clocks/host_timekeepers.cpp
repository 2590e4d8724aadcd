// SPDX-License-Identifier: MIT
#include "listener/clocks/host_timekeepers.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include "common/host/error.hpp"
#include "common/host/host_clock.hpp"
#include "common/host/kernel_tables.hpp"
#include "listener/clocks/chrony_feed.hpp"

namespace timecast {

namespace {

bool is_socket(const char* path) noexcept {
  struct stat found {};
  return ::stat(path, &found) == 0 && S_ISSOCK(found.st_mode);
}

// A listener switches the kernel's loop off; timesyncd and ntpd steer by it.
bool is_anothers_word(const Timekeepers& found) noexcept {
  return found.is_synchronised && (found.has_loop || !found.was_ours);
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
  const KernelClock kernel = read_kernel_clock();
  found.is_synchronised = kernel.synchronised;
  found.has_loop = kernel.has_loop;
  found.kernel_failure = kernel.failure;
  found.may_set_clock = may_set_clock({static_cast<std::uint32_t>(::getpid()), {}}, proc);
  return found;
}

std::string keeper_name(const Timekeepers& found) {
  return found.chronyd ? std::string{kChronyd} : found.another;
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
  if (found.kernel_failure != 0) {
    return {{},
            "the kernel does not tell of this host's clock: " + reason_of(found.kernel_failure)};
  }
  if (!found.another.empty() && is_anothers_word(found)) {
    return {{}, found.another + " keeps this host's clock synchronised"};
  }
  if (!found.may_set_clock) {
    return {{}, "this process may not set the clock; give it CAP_SYS_TIME"};
  }
  if (!found.another.empty()) {
    return {{ClockKind::kernel}, found.another + " runs, but does not keep this host's clock"};
  }
  return {{ClockKind::kernel}, "nobody else keeps this host's clock"};
}

}  // namespace timecast
