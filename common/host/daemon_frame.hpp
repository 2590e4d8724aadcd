// SPDX-License-Identifier: MIT
//
// What stands around a daemon's own work: its loop, the signals that end it or have it read its
// settings again, its lines on standard output, the socket on which it answers questions, and what
// the service manager is told.
//
// Errors:  signals that cannot be had. Without a control socket nobody can ask, without room for a
//          printed line that line is lost: each is logged once.
// Threads: one.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/host/control_socket.hpp"
#include "common/host/loop.hpp"
#include "common/host/places.hpp"
#include "common/host/service_notice.hpp"

namespace timecast {

class DaemonFrame {
 public:
  // SIGTERM and SIGINT stop the loop from now on; a reader of standard output that goes away no
  // longer ends the process.
  [[nodiscard]] Result<void> start();
  // Reads the settings again and carries out what is new; returns what that is, for the log, or why
  // all stays as it was.
  using Reload = std::function<Result<std::string>()>;
  // SIGHUP calls it from now on. A terminal that closes sends that signal too, and ends the loop.
  [[nodiscard]] Result<void> reload_on_hangup(Reload reload);
  // A request that begins with another program's name, "PROGRAM: REQUEST", is told which one this
  // is. `answer` gets it without a name.
  void serve_control(std::string_view program, const GivenPlace& socket,
                     std::function<std::string(std::string_view)> answer);

  // Prints a line to standard output without waiting for its reader; stops the loop if the reader
  // has gone.
  void print(std::string_view line);

  [[nodiscard]] Loop& loop() noexcept { return loop_; }
  // That the loop turns and that it ends is told by the frame.
  [[nodiscard]] ServiceNotice& service() noexcept { return service_; }
  [[nodiscard]] Timestamp<Boot> started_at() const noexcept { return started_at_; }

 private:
  Result<void> end_on_signals();
  Result<void> keep_watchdog_quiet();
  void end();
  void on_hangup();

  Loop loop_;  // first: handles go before their loop
  ServiceNotice service_{service_manager()};
  std::optional<DeadlineTimer> alive_;
  std::vector<SignalHandle> signals_;
  Reload reload_;
  bool lives_by_terminal_ = false;
  std::optional<ControlServer> control_;
  Timestamp<Boot> started_at_;
  bool has_lost_lines_ = false;
};

}  // namespace timecast
