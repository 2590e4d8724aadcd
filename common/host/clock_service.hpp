// SPDX-License-Identifier: MIT
//
// The other end of clock_keeper.hpp: a process that has the clock and nothing else. It answers one
// request at a time, remembers nothing, and starts nothing.
//
// Who may ask is the socket's mode, which the kernel holds: each daemon has a keeper of its own,
// whose socket is that daemon's user's. What he may do is ClockRights'.
//
// Errors:  serve_clock() returns why it cannot serve.
// Threads: one.
// Source:  sd_listen_fds(3).
#pragma once

#include <functional>
#include <string>

#include "common/host/clock_keeper.hpp"
#include "common/host/error.hpp"

namespace timecast {

// Whether a call with modes may be made. `now`: for what may be done seldom.
using ClockRights = std::function<bool(const timex& call, Timestamp<Boot> now)>;

struct ClockService {
  ClockRights rights;  // nothing: the clock may be read alone
  KernelCalls calls = kKernelCalls;
  std::string proc = "/proc";

  [[nodiscard]] KeeperAnswer answer(const KeeperRequest& request, Timestamp<Boot> now) const;
};

// Waits for one request, half a second for who connects and says nothing; answers it.
void serve_one(int listening, const ClockService& service);

// The socket that the service manager has opened for this process.
[[nodiscard]] Result<int> inherited_socket();

// A whole program: until it is ended. Returns the exit status.
[[nodiscard]] int serve_clock(const ClockService& service);

}  // namespace timecast
