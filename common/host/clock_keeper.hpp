// SPDX-License-Identifier: MIT
//
// This host's clock, in the hands of a process of its own: what a daemon asks that may not call
// adjtimex itself. The keeper has no network; the daemons, which have, need no right to the clock
// and no system call that could set it.
//
// A daemon has a keeper if $TIMECAST_CLOCK_SOCKET names its socket, as the packages' units do;
// without, the kernel is called as ever. One request, one answer, each a record of a connection of
// its own: nothing is to be mended when either of them was started anew.
//
// Errors:  a keeper that does not answer in time is kKeeperSilent: what was asked may have been
// done
//          all the same. What the kernel or the keeper refuses is the errno value that it gave.
// Threads: any.
// Source:  unix(7), SOCK_SEQPACKET; adjtimex(2).
#pragma once

#include <sys/timex.h>

#include <cerrno>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <timecast/time/timestamp.hpp>

#include "common/host/clock_programs.hpp"
#include "common/host/kernel_calls.hpp"

namespace timecast {

inline constexpr const char* kKeeperVariable = "TIMECAST_CLOCK_SOCKET";
// No call of the clock's ends with it.
inline constexpr int kKeeperSilent = EHOSTDOWN;
// Twice as long as it may take to act. A loop that waits hears nothing meanwhile.
inline constexpr Duration kKeeperPatience = Duration::milliseconds(200);

enum class KeeperAsk : std::uint32_t { adjtimex = 1, clock_programs };

// Both ends are of one version and one machine, so they are records of memory.
struct KeeperRequest {
  std::uint32_t version = 1;
  KeeperAsk ask = KeeperAsk::adjtimex;
  // CLOCK_BOOTTIME. The clock is not set for somebody who has given up waiting, and may ask again.
  std::int64_t not_after_ns = 0;
  timex call{};
};

struct KeeperAnswer {
  std::int32_t failure = 0;  // an errno value, or 0
  std::int32_t state = 0;    // as adjtimex returned
  RunningClockPrograms programs;
  std::uint32_t may_set_clock = 0;  // whether the keeper may
  timex call{};                     // as the kernel wrote it
};

// The socket of this process's keeper, if it has one.
[[nodiscard]] std::optional<std::string> keeper_socket();

// Its answer; without one, the failure is kKeeperSilent.
[[nodiscard]] KeeperAnswer ask_keeper(const std::string& socket, const KeeperRequest& request,
                                      Duration patience);

// The keeper's adjtimex if this process has one, else the kernel's.
[[nodiscard]] KernelCalls host_kernel_calls();

// Why the clock cannot be read or steered, in words; of a silent keeper it has these, and this is
// what to do.
[[nodiscard]] std::string clock_failure_text(int failure);
inline constexpr std::string_view kKeeperSilentText =
    "who holds it for this service does not answer";
inline constexpr std::string_view kKeeperWayOut =
    "see what systemctl status 'timecast-*-clock.*' says, and restart the service";

}  // namespace timecast
