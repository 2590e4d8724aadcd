// SPDX-License-Identifier: MIT
//
// The command `watch` on the network: one socket for each group, port and interface, as interfaces
// come and go. What it can and cannot hear is logged, with the way out.
//
// Errors:  the exit status: 1 if nothing at all can be heard at the start.
// Threads: one.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/host/attempts.hpp"
#include "common/host/daemon_frame.hpp"
#include "common/host/group_socket.hpp"
#include "common/host/network_watch.hpp"
#include "listener/daemon/arrival_clock.hpp"
#include "listener/daemon/options.hpp"
#include "listener/daemon/watch.hpp"
#include "listener/daemon/watch_plan.hpp"

namespace timecast {

class WatchDaemon {
 public:
  [[nodiscard]] static Result<std::unique_ptr<WatchDaemon>> start(const ListenerOptions& options);
  void run();  // until SIGTERM or SIGINT, or until nobody reads; ends with the summary

 private:
  struct Ear {
    GroupWish wish;
    std::optional<GroupSocket> socket;  // none if it failed
    Attempts attempts;
  };

  explicit WatchDaemon(const ListenerOptions& options);
  Result<void> start_loop();
  [[nodiscard]] Result<void> require_an_ear() const;
  void refresh();
  void drop_unwished(std::vector<GroupWish>& wishes);
  void open(Ear& ear);
  void tell_state(const GroupWish& wish, bool hearing, const std::string& reason);
  void tell_unheard(const std::vector<ChosenInterface>& chosen);
  void tell_nowhere();
  void print(std::string_view line);

  void look_at_clocks();
  void on_datagram(const GroupWish& wish, const Datagram& datagram);
  void on_deadline();
  void rearm();

  DaemonFrame frame_;  // first: handles go before their loop
  NetworkWatch network_{frame_.loop()};
  ListenerOptions options_;
  ArrivalClock arrivals_;
  Watch watch_;
  std::vector<Ear> ears_;
  std::optional<DeadlineTimer> timer_;
  bool first_look_ = true;
  bool is_over_ = false;
};

// The command. Returns the exit status.
[[nodiscard]] int watch(const ListenerOptions& options);

}  // namespace timecast
