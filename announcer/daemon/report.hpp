// SPDX-License-Identifier: MIT
//
// What there is to say of a running announcer at one instant, as plain values.
#pragma once

#include <string>
#include <vector>

#include <timecast/wire/signature.hpp>

#include "announcer/core/announcer.hpp"
#include "announcer/daemon/neighbours.hpp"
#include "announcer/daemon/plan.hpp"
#include "common/host/udp_socket.hpp"

namespace timecast {

struct DestinationReport {
  Endpoint to;
  std::string failure;  // why nothing arrives there at present; empty if all is well
};

struct SocketReport {
  SocketWish wish;
  bool open = false;
  std::string reason;  // why it is not, or why it does not answer; may be empty
  UdpAbilities abilities;
  std::vector<DestinationReport> destinations;
};

struct AnnouncerReport {
  Timestamp<Realtime> now;
  Duration uptime;
  AnnouncerStatus core;
  bool synchronised = false;  // now; the core says how it was at the last packet
  int clock_failure = 0;      // why the kernel does not tell, an errno value
  PublicKey key{};
  bool island = false;
  Duration interval;
  std::uint32_t send_failures = 0;  // announcements that did not leave
  std::vector<SocketReport> sockets;
  Voice voice;
  std::vector<Neighbour> neighbours;
};

}  // namespace timecast
