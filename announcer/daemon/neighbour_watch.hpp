// SPDX-License-Identifier: MIT
//
// Listens where this announcer announces, for others: sockets around neighbours.hpp.
//
// Errors:  what cannot be joined is tried again at the next look; not to hear others harms nobody.
// Threads: the loop's.
#pragma once

#include <functional>
#include <vector>

#include "announcer/daemon/announced_clock.hpp"
#include "announcer/daemon/neighbours.hpp"
#include "announcer/daemon/plan.hpp"
#include "common/host/polled_socket.hpp"
#include "common/host/signing_key.hpp"

namespace timecast {

class NeighbourWatch {
 public:
  NeighbourWatch(Loop& loop, const AnnouncedClock& clock, std::function<Voice()> own)
      : loop_{loop}, clock_{clock}, own_{std::move(own)} {}

  // On the groups of these sockets' precise streams, and on no others.
  void listen(const std::vector<SocketWish>& announcing, const std::vector<Interface>& present);
  void look(Timestamp<Boot> now);  // once in a while
  [[nodiscard]] const std::vector<Neighbour>& all() const noexcept { return neighbours_.all(); }

 private:
  struct Ear {
    Endpoint group;
    bool loopback = false;
    std::optional<PolledSocket> socket;
  };
  void open(Ear& ear);
  void on_datagram(const Datagram& datagram);

  Loop& loop_;
  const AnnouncedClock& clock_;
  std::function<Voice()> own_;
  std::vector<Address> addresses_;  // of this host: its own packets come back to it
  std::vector<Ear> ears_;
  Neighbours neighbours_{openssl_verifier()};
};

}  // namespace timecast
