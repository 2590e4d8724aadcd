// SPDX-License-Identifier: MIT
//
// Sends the listener core's queries, each from a socket of its own with a random port (RFC 9109),
// and closes that socket when its answer can no longer come.
//
// Errors:  none; a query that cannot be sent is one that is not answered. A failure is logged once,
//          and again after an answer.
// Threads: the loop's.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include <timecast/listener/events.hpp>

#include "common/host/chosen_interfaces.hpp"
#include "common/host/polled_socket.hpp"
#include "listener/daemon/mac_watch.hpp"

namespace timecast {

class Asker {
 public:
  struct Callbacks {
    std::function<void(const Datagram&, const AskedBy&)> on_reply;
    std::function<void(QueryToken, const Moment&)> on_sent;  // when by this program's clocks
    // The kernel's stamp of the same, if it comes; then the card's, if that comes too.
    std::function<void(QueryToken, Timestamp<Realtime>)> on_stamp;
    // Of the card of an interface, by index. May be left out.
    std::function<std::shared_ptr<const HardwareClock>(std::uint32_t)> clock_on = {};
  };

  Asker(Loop& loop, Callbacks callbacks) : loop_{loop}, callbacks_{std::move(callbacks)} {}

  // Sends an effect's query. `chosen`: the addresses to ask from; `key`: of its MAC.
  void send(const Effect& query, const std::vector<ChosenInterface>& chosen, std::uint32_t key = 0);
  // No answer is waited for any more.
  void close_all() { questions_.clear(); }
  // Closes the sockets whose answer is overdue.
  void close_old(Timestamp<Boot> now);

 private:
  struct Question {
    PolledSocket socket;
    Endpoint to;
    Timestamp<Boot> asked;
  };
  void ask(const Effect& query, const Endpoint& source, bool from_loopback, const AskedBy& asked);
  void note_failure(const Endpoint& to, const std::string& failure);

  Loop& loop_;
  Callbacks callbacks_;
  std::vector<Question> questions_;
  std::map<Endpoint, std::string> failures_;  // that were told, by who was asked
};

}  // namespace timecast
