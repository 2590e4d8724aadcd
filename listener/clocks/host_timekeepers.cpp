// SPDX-License-Identifier: MIT
#include "listener/clocks/host_timekeepers.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <thread>

#include "common/host/clock_keeper.hpp"
#include "common/host/host_clock.hpp"
#include "common/host/kernel_tables.hpp"
#include "listener/clocks/chrony_feed.hpp"

namespace timecast {

namespace {

constexpr Duration kAskAgain = Duration::milliseconds(100);

bool is_socket(const char* path) noexcept {
  struct stat found {};
  return ::stat(path, &found) == 0 && S_ISSOCK(found.st_mode);
}

// A listener switches the kernel's loop off; timesyncd and ntpd steer by it.
bool is_anothers_word(const Timekeepers& found) noexcept {
  return found.is_synchronised && (found.has_loop || !found.was_ours);
}

void note_programs(const RunningClockPrograms& running, Timekeepers& found) {
  for (std::size_t i = 0; i < kClockPrograms.size(); ++i) {
    const std::string_view name = kClockPrograms[i];
    const bool keeps = (running.keeping >> i & 1U) != 0;
    if (name == kChronyd) {
      found.chronyd = keeps;
      found.powerless_chronyd = (running.powerless >> i & 1U) != 0;
    } else if (keeps) {
      found.another = name == kTimesyncd ? "systemd-timesyncd" : name;
    }
  }
}

void look_at_processes(const std::string& proc, Timekeepers& found) {
  note_programs(running_clock_programs(proc), found);
  found.may_set_clock = may_set_clock({static_cast<std::uint32_t>(::getpid()), {}}, proc);
}

// One that has just died is being started anew.
KeeperAnswer ask_at_length(const std::string& socket, const KeeperRequest& request,
                           Duration patience) {
  const Timestamp<Boot> until = boot_now() + patience;
  for (;;) {
    KeeperAnswer answer = ask_keeper(socket, request, until - boot_now());
    if (answer.failure != kKeeperSilent || boot_now() + kAskAgain > until) return answer;
    std::this_thread::sleep_for(std::chrono::nanoseconds{kAskAgain.count_ns()});
  }
}

// Who has one may see no process but his own.
void ask_keeper_for(const std::string& socket, Duration patience, Timekeepers& found) {
  KeeperRequest request;
  request.ask = KeeperAsk::clock_programs;
  const KeeperAnswer answer = ask_at_length(socket, request, patience);
  note_programs(answer.programs, found);
  found.may_set_clock = answer.may_set_clock != 0;
  found.kernel_failure = answer.failure;
}

}  // namespace

Timekeepers find_timekeepers(const std::string& proc, Duration patience) {
  Timekeepers found;
  const auto keeper = keeper_socket();
  keeper ? ask_keeper_for(*keeper, patience, found) : look_at_processes(proc, found);
  found.chrony_socket = is_socket(kUsualChronySocket);
  const KernelClock kernel = read_kernel_clock();
  found.is_synchronised = kernel.synchronised;
  found.has_loop = kernel.has_loop;
  if (kernel.failure != 0) found.kernel_failure = kernel.failure;
  return found;
}

std::string keeper_name(const Timekeepers& found) {
  return found.chronyd ? std::string{kChronyd} : found.another;
}

AutomaticChoice choose_clock(const Timekeepers& found) {
  if ((found.chronyd || found.powerless_chronyd) && found.chrony_socket) {
    return {{ClockKind::chrony, kUsualChronySocket}, "chronyd runs and has a socket for it"};
  }
  if (found.chronyd) {
    return {{},
            "chronyd keeps this host's clock; for it to follow, add to its settings: " +
                refclock_line(kUsualChronySocket) + "; then start it and this one anew"};
  }
  if (found.kernel_failure == kKeeperSilent) {
    return {{ClockKind::kernel},
            clock_failure_text(kKeeperSilent) +
                ", so nobody says who else keeps this host's clock; it waits for that one: " +
                std::string{kKeeperWayOut},
            true};
  }
  if (found.kernel_failure != 0) {
    return {{},
            "the kernel does not tell of this host's clock: " +
                clock_failure_text(found.kernel_failure)};
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
