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

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "announcer/core/announcer.hpp"
#include "announcer/daemon/announced_clock.hpp"
#include "announcer/daemon/clock_word.hpp"
#include "announcer/daemon/command_line.hpp"
#include "announcer/daemon/failures.hpp"
#include "announcer/daemon/held_stamps.hpp"
#include "announcer/daemon/identity.hpp"
#include "announcer/daemon/kernel_reader.hpp"
#include "announcer/daemon/local_server.hpp"
#include "announcer/daemon/neighbour_watch.hpp"
#include "announcer/daemon/options.hpp"
#include "announcer/daemon/outlet.hpp"
#include "announcer/daemon/query_server.hpp"
#include "announcer/daemon/report.hpp"
#include "common/host/attempts.hpp"
#include "common/host/card_clocks.hpp"
#include "common/host/daemon_frame.hpp"
#include "common/host/network_watch.hpp"
#include "common/host/symmetric_keys.hpp"

namespace timecast {

// A socket that was planned, and what became of it.
struct Place {
  SocketWish wish;
  std::vector<Outlet> outlets;  // none if it failed; one for each destination if beside one
  bool is_beside = false;       // another server holds the local address
  Attempts attempts;            // to open it
  bool is_left = false;         // it will not do; see is_worth_another_try()
};

class AnnouncerDaemon {
 public:
  // Says what the settings are now. SIGHUP asks it, and what can change without a restart changes.
  using Reread = std::function<Result<AnnouncerInvocation>()>;

  [[nodiscard]] static Result<std::unique_ptr<AnnouncerDaemon>> start(
      const AnnouncerOptions& options, AnnouncedClock clock, Reread reread);
  void run() { frame_.loop().run(); }  // until SIGTERM or SIGINT

  [[nodiscard]] AnnouncerReport report() const;

 private:
  AnnouncerDaemon(const AnnouncerOptions& options, AnnouncedClock clock, Identity identity,
                  std::unique_ptr<SymmetricKeys> keys);
  Result<void> start_loop(Reread reread);
  Result<void> require_a_stream() const;
  Result<void> start_asking();
  void log_start() const;
  Result<std::string> reload(const Reread& reread);

  void refresh_sockets();
  void refresh_access(const std::vector<ChosenInterface>& chosen);
  void note_unreachable(const std::vector<SocketWish>& wishes);
  void open_places();
  Result<void> open_place(Place& place);
  Result<void> open_beside(Place& place);
  Result<void> add_outlet(Place& place, const UdpOptions& options,
                          PolledSocket::Callbacks callbacks,
                          const std::vector<KeyedEndpoint>& destinations);
  [[nodiscard]] Outlet::Destination destination_for(const SocketWish& wish,
                                                    const KeyedEndpoint& to);
  [[nodiscard]] bool may_use_key(const SocketWish& wish, const KeyedEndpoint& to) const;
  void close_place(const Place& place, bool is_still_there);
  [[nodiscard]] bool has_other_keys(const Place& place) const;
  void close_where_keys_changed();
  void note_receive_buffer();

  void on_deadline();
  void announce();
  bool serve(const SocketWish& wish, UdpSocket& socket, PollHandle& poll);
  void on_stamp(const TransmitStamp& stamp);
  void hand_over_stamps();
  void send(const Transmission& packet);
  void send(const Transmission& packet, const SocketWish& by, const PolledSocket& socket,
            Outlet::Destination& destination);
  void print_told();
  void note_sending(const SocketWish& by, Outlet::Destination& destination, int failed);
  void keep_sequences_ahead();
  using KernelLook = KernelClock (KernelReader::*)(const Moment&);
  [[nodiscard]] ClockFacts clock_facts(KernelLook look = &KernelReader::read);
  [[nodiscard]] ClockState clock_state(KernelLook look = &KernelReader::read);
  [[nodiscard]] bool may_ask_server_at(const Address& address) const;
  void note_clock_state();
  void log_clock(int kernel_failure) const;
  void tell_readiness();
  void rearm();
  [[nodiscard]] StreamId precise_stream_beside(const Endpoint& local) const;
  [[nodiscard]] Voice voice() const;

  DaemonFrame frame_;  // first: handles go before their loop
  NetworkWatch network_{frame_.loop()};
  CardClocks cards_{frame_.loop()};
  LocalServer server_{
      frame_.loop(),
      {[this](const Address& a) { return may_ask_server_at(a); }, [this] { note_clock_state(); }}};
  LocalListener listener_{frame_.loop(), [this] { note_clock_state(); }};
  std::optional<ClockStepWatch> step_watch_;
  AnnouncerOptions options_;
  AnnouncedClock clock_;
  Identity identity_;
  std::unique_ptr<SymmetricKeys> keys_;  // the core refers to them
  std::unique_ptr<Announcer> core_;
  HeldStamps held_stamps_;
  KernelReader kernel_;
  std::unique_ptr<QueryServer> queries_;
  std::vector<Place> places_;
  NeighbourWatch neighbours_{frame_.loop(), clock_, [this] { return voice(); }};
  std::optional<DeadlineTimer> timer_;
  std::optional<ClockWord> told_word_;
  std::string told_reason_;
  bool kernel_had_time_ = false;
  std::vector<std::string> told_;  // lines of what has just left
  std::uint32_t send_failures_ = 0;
  std::vector<Endpoint> unreachable_;  // destinations of the last look
  bool access_fits_ = true;
  bool buffer_suffices_ = true;
  bool sequences_failed_ = false;
  bool first_look_ = true;
};

}  // namespace timecast
