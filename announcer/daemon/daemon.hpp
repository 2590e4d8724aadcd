// SPDX-License-Identifier: MIT
//
// The announcer's loop around its core: feeds it one event, sends what it returns, re-arms the one
// timer. It decides nothing about time; it keeps one socket for each local address as addresses
// come and go.
//
// Errors:  at start, why it cannot announce at all. Later none: what fails is logged when it
//          begins and when it ends, and tried again.
// Threads: one.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "announcer/core/announcer.hpp"
#include "announcer/daemon/announced_clock.hpp"
#include "announcer/daemon/identity.hpp"
#include "announcer/daemon/options.hpp"
#include "announcer/daemon/outlet.hpp"
#include "announcer/daemon/plan.hpp"
#include "common/host/daemon_frame.hpp"

namespace timecast {

// A socket that was planned, and what became of it.
struct Place {
  SocketWish wish;
  std::vector<Outlet> outlets;  // none if it failed
  std::string failure;          // why there is none, or why it stands beside
};

class AnnouncerDaemon {
 public:
  [[nodiscard]] static Result<std::unique_ptr<AnnouncerDaemon>> start(
      const AnnouncerOptions& options, AnnouncedClock clock);
  void run() { frame_.loop().run(); }  // until SIGTERM or SIGINT

  // For status.
  [[nodiscard]] const AnnouncerOptions& options() const noexcept { return options_; }
  [[nodiscard]] const Identity& identity() const noexcept { return identity_; }
  [[nodiscard]] const AnnouncerStatus& core_status() const noexcept { return core_->status(); }
  [[nodiscard]] const std::vector<Place>& places() const noexcept { return places_; }
  [[nodiscard]] Timestamp<Boot> started_at() const noexcept { return frame_.started_at(); }

 private:
  AnnouncerDaemon(const AnnouncerOptions& options, AnnouncedClock clock, Identity identity);
  Result<void> start_loop();
  Result<void> require_a_stream() const;
  void log_start() const;

  void refresh_sockets();
  void open_place(Place& place);
  void open_beside(Place& place);
  void add_streams(Outlet& outlet, const std::vector<Endpoint>& destinations);
  void note_failure(Place& place, const Error& error);
  void close_place(const Place& place);

  void on_deadline();
  void on_datagram(const SocketWish& wish, UdpSocket& socket, const Datagram& datagram);
  void on_stamp(const TransmitStamp& stamp);
  void send(const Transmission& transmission);
  void print_announcement(const Outlet& outlet, const Endpoint& to, StreamKind kind);
  void keep_sequences_ahead();
  void note_clock_state();
  void rearm();
  [[nodiscard]] StreamId precise_stream_beside(const Endpoint& local) const;

  DaemonFrame frame_;  // first: handles go before their loop
  AnnouncerOptions options_;
  AnnouncedClock clock_;
  Identity identity_;
  std::unique_ptr<Announcer> core_;
  std::vector<Place> places_;
  std::optional<DeadlineTimer> timer_;
  std::optional<bool> was_synchronised_;
  bool sequences_failed_ = false;
  bool first_look_ = true;
};

}  // namespace timecast
