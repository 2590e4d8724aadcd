// SPDX-License-Identifier: MIT
//
// What there is to say of a running listener at one instant, as plain values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <timecast/listener/status.hpp>

#include "common/host/udp_socket.hpp"
#include "listener/daemon/plan.hpp"

namespace timecast {

struct GroupReport {
  GroupWish wish;
  bool open = false;
  std::string failure;  // why it is not
  UdpAbilities abilities;
  std::uint32_t rejoins = 0;  // because it was silent
  Duration forgotten_after;   // as GroupPatience::rhythm()
};

struct ListenerReport {
  Moment now;
  Duration uptime;
  ListenerStatus core;
  std::vector<GroupReport> groups;
  std::string clock;         // what becomes of the time, and what keeps it from that
  std::string page;          // the path of the shared one; empty if there is none
  std::string page_failure;  // why there is none
  std::optional<Timestamp<Realtime>> last_packet = {};  // that counted
  std::uint64_t steps = 0;                              // of this host's clock, by us
  std::uint64_t unchecked = 0;                          // signatures, for want of time
  std::uint64_t kept_out = 0;                           // announcements below their key's floor
  std::uint32_t unanswered = 0;  // queries in a row by the announcer that is followed
  std::uint32_t mac_key = 0;     // symmetric, by which the announcer is heard; 0: none
};

}  // namespace timecast
