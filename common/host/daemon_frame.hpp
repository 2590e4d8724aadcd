// SPDX-License-Identifier: MIT
//
// What stands around a daemon's own work: its loop, the signals that end it, the watch over the
// network, the socket on which it answers questions, and what the service manager is told.
//
// Errors:  signals and timers that cannot be had. Without rtnetlink it looks at the network every
//          minute, without a control socket nobody can ask, without room for a printed line that
//          line is lost: each is logged once.
// Threads: one.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/host/control_socket.hpp"
#include "common/host/interface_watch.hpp"
#include "common/host/interfaces.hpp"
#include "common/host/loop.hpp"
#include "common/host/places.hpp"
#include "common/host/service_notice.hpp"

namespace timecast {

class DaemonFrame {
 public:
  // SIGTERM and SIGINT stop the loop from now on; a reader of standard output that goes away no
  // longer ends the process. `on_network` is called when interfaces or addresses may have changed.
  [[nodiscard]] Result<void> start(std::function<void()> on_network);
  void serve_control(std::string_view program, const GivenPlace& socket,
                     std::function<std::string(std::string_view)> answer);

  // What there is on the network. Nothing if that cannot be had now; it is tried again soon.
  [[nodiscard]] std::optional<std::vector<Interface>> interfaces();
  // After each look at the network: whether to look again soon, because something failed that may
  // be cured by itself.
  void look_again(bool soon);

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

  Loop loop_;  // first: handles go before their loop
  ServiceNotice service_{service_manager()};
  std::optional<DeadlineTimer> alive_;
  std::vector<SignalHandle> signals_;
  std::optional<DeadlineTimer> look_again_;
  std::optional<InterfaceWatch> watch_;
  std::optional<ControlServer> control_;
  Timestamp<Boot> started_at_;
  bool has_listed_ = true;
  bool has_lost_lines_ = false;
};

}  // namespace timecast
