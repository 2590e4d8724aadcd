// SPDX-License-Identifier: MIT
//
// Asks the NTP server on this host, if there is one, what this host's clock is worth: every eight
// seconds, at port 123 of 127.0.0.1, then of ::1, from a socket of its own each time. Nothing waits
// for the answer.
//
// Errors:  none: who does not answer is no server.
// Threads: the loop's.
// Source:  RFC 9109 (random source ports).
#pragma once

#include <array>
#include <functional>
#include <optional>

#include "announcer/daemon/server_word.hpp"
#include "common/host/polled_socket.hpp"

namespace timecast {

class LocalServer {
 public:
  struct Callbacks {
    std::function<bool(const Address&)> may_ask;  // whether port 123 there is not ours
    std::function<void()> on_word;                // an answer came, or all are known to be silent
  };

  LocalServer(Loop& loop, Callbacks callbacks) : loop_{loop}, callbacks_{std::move(callbacks)} {}
  LocalServer(const LocalServer&) = delete;
  LocalServer& operator=(const LocalServer&) = delete;
  [[nodiscard]] Result<void> start();

  [[nodiscard]] std::optional<ServerWord> word(Timestamp<Boot> now) const noexcept {
    return kept_.at(now);
  }
  // Who answered last: of whom that word is, or that disbelief.
  [[nodiscard]] const Endpoint& server() const noexcept { return answered_; }
  // Why the last answer was not believed, if it was not.
  [[nodiscard]] std::optional<Disbelief> disbelief() const noexcept { return disbelief_; }
  // Whether somebody has answered by now, or nobody does.
  [[nodiscard]] bool has_looked() const noexcept { return has_looked_; }
  // Asks now.
  void look();
  // This host's clock was set: what was said before says nothing of it. Asks anew.
  void on_clock_set();

 private:
  void on_timer();
  void begin_round();
  void ask();
  void go_on();
  void end_round();
  void on_datagram(const Datagram& datagram);

  Loop& loop_;
  Callbacks callbacks_;
  std::array<Endpoint, 2> servers_{};
  std::size_t which_ = 0;  // of them is asked, or was the last to answer
  Endpoint answered_;      // the last one that did
  std::size_t tried_ = 0;  // in this round
  std::optional<DeadlineTimer> timer_;
  std::optional<PolledSocket> socket_;
  LocalExchange exchange_;
  bool waits_ = false;  // for an answer
  bool has_looked_ = false;
  Timestamp<Boot> round_began_;
  KeptWord kept_;
  std::optional<Disbelief> disbelief_;
};

}  // namespace timecast
