// SPDX-License-Identifier: MIT
//
// The listener's loop around its core: hands over what arrives and when, sends what the core asks
// for, re-arms the one timer. It decides nothing about time; it keeps one socket for each interface
// and family as they come and go.
//
// Errors:  at start, why it cannot listen at all. Later none: what fails is logged when it begins
//          and when it ends, and tried again.
// Threads: one.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <timecast/listener.hpp>

#include "common/host/attempts.hpp"
#include "common/host/daemon_frame.hpp"
#include "common/host/polled_socket.hpp"
#include "common/host/reference_id.hpp"
#include "listener/daemon/arrival_clock.hpp"
#include "listener/daemon/asker.hpp"
#include "listener/daemon/options.hpp"
#include "listener/daemon/report.hpp"

namespace timecast {

// A group that was planned to be joined, and what became of it.
struct Membership {
  GroupWish wish;
  std::optional<PolledSocket> socket;  // none if it failed
  Attempts attempts;
};

class ListenerDaemon {
 public:
  [[nodiscard]] static Result<std::unique_ptr<ListenerDaemon>> start(
      const ListenerOptions& options);
  void run() { frame_.loop().run(); }  // until SIGTERM or SIGINT

  [[nodiscard]] ListenerReport report() const;

 private:
  ListenerDaemon(const ListenerOptions& options, const ListenerConfig& config);
  Result<void> start_loop();
  [[nodiscard]] Result<void> require_a_group() const;

  void refresh_sockets();
  void join(Membership& membership);
  [[nodiscard]] static UdpOptions socket_options(const GroupWish& wish);

  void look_at_clocks();
  void on_datagram(const Datagram& datagram, bool foreign);
  void note_unheard(const std::vector<GroupWish>& wishes) const;
  void on_query_stamp(QueryToken token, Timestamp<Realtime> stamp);
  void on_deadline();
  void on_second();
  void carry_out(const Effects& effects);
  void rearm();
  void note_state();

  DaemonFrame frame_;  // first: handles go before their loop
  ListenerOptions options_;
  Listener core_;
  ArrivalClock arrivals_;
  Asker asker_;
  std::vector<ChosenInterface> chosen_;
  std::vector<ReferenceId> own_references_;
  std::vector<Membership> memberships_;
  std::optional<DeadlineTimer> timer_;
  std::optional<DeadlineTimer> second_;
  Timestamp<Boot> next_second_;
  State last_state_ = State::searching;
  Reason last_reason_ = Reason::nothing_heard;
  bool first_look_ = true;
};

}  // namespace timecast
