// SPDX-License-Identifier: MIT
//
// One socket of the announcer and the streams that leave by it.
//
// Threads: the loop's.
#pragma once

#include <string>
#include <vector>

#include "announcer/core/announcer.hpp"
#include "announcer/daemon/plan.hpp"
#include "common/host/polled_socket.hpp"

namespace timecast {

struct Outlet {
  struct Destination {
    StreamId stream = kNoStream;  // that its packets come from; none if its key is not for us
    KeyedEndpoint to;
    int failure = 0;        // of the last packet: an errno value
    unsigned failures = 0;  // in a row
  };
  PolledSocket socket;
  std::vector<Destination> destinations;
};

// Why nothing goes where a destination's key does not name this host as a server.
[[nodiscard]] std::string not_for_us(std::uint32_t key);

[[nodiscard]] UdpOptions socket_options(const SocketWish& wish);

// For a plain stream where another server holds the local address: a socket bound to the group, or
// to 255.255.255.255, which takes nothing from that server and answers nobody.
[[nodiscard]] UdpOptions socket_options_beside(const SocketWish& wish, const Endpoint& destination);

}  // namespace timecast
