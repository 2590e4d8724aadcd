// SPDX-License-Identifier: MIT
//
// Listens where this announcer announces, for others: sockets around neighbours.hpp. They make
// their memberships anew as all our programs do: one that never left would keep those of this
// host's listener from being reported.
//
// Errors:  what cannot be joined is tried again at the next look; not to hear others harms nobody.
// Threads: the loop's.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "announcer/daemon/announced_clock.hpp"
#include "announcer/daemon/neighbours.hpp"
#include "announcer/daemon/plan.hpp"
#include "common/host/group_socket.hpp"
#include "common/host/own_host.hpp"
#include "common/host/signing_key.hpp"

namespace timecast {

class NeighbourWatch {
 public:
  NeighbourWatch(Loop& loop, const AnnouncedClock& clock, std::function<Voice()> own)
      : loop_{loop}, clock_{clock}, own_{std::move(own)} {}

  // On the groups of these sockets' precise streams, and on no others. Returns whether all could be
  // joined.
  bool listen(const std::vector<SocketWish>& announcing, const std::vector<ChosenInterface>& chosen,
              const std::vector<Interface>& present);
  void look(Timestamp<Boot> now);  // once in a while
  [[nodiscard]] const std::vector<Neighbour>& all() const noexcept { return neighbours_.all(); }

 private:
  struct Ear {
    Endpoint group;
    std::uint32_t generation = 0;  // of the interface
    std::optional<GroupSocket> socket;
  };
  [[nodiscard]] std::optional<GroupSocket> open(const HeardGroup& heard);
  void on_datagram(const Endpoint& group, const Datagram& datagram);

  Loop& loop_;
  const AnnouncedClock& clock_;
  std::function<Voice()> own_;
  OwnHost own_host_;
  std::vector<Ear> ears_;
  Neighbours neighbours_{openssl_verifier()};
};

}  // namespace timecast
