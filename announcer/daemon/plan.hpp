// SPDX-License-Identifier: MIT
//
// Which sockets an announcer should have, given the interfaces there are: one for each local
// address and port that is answered on; the first address of an interface and family is also the
// one that announces there.
//
// Threads: any; a pure function.
// Source:  docs/protocol.md, "Two streams".
#pragma once

#include <compare>
#include <string>
#include <vector>

#include "announcer/core/access.hpp"
#include "announcer/core/stream.hpp"
#include "announcer/daemon/options.hpp"
#include "common/host/broadcast.hpp"
#include "common/host/chosen_interfaces.hpp"

namespace timecast {

struct SocketWish {
  Endpoint local;  // address, port, interface
  std::string interface_name;
  bool loopback = false;
  StreamKind kind = StreamKind::precise;
  // Where this socket announces to: at most one destination for a precise stream.
  std::vector<KeyedEndpoint> destinations;

  [[nodiscard]] bool needs_broadcast() const noexcept;
  friend bool operator==(const SocketWish&, const SocketWish&) noexcept = default;
};

// Ordered by interface; the precise ones of an interface before its plain ones.
[[nodiscard]] std::vector<SocketWish> plan_sockets(const AnnouncerOptions& options,
                                                   const std::vector<ChosenInterface>& chosen);

// The plain destinations asked for that none of these sockets announces to: a broadcast address of
// no interface, a family that no interface has. The usual group is not asked for.
[[nodiscard]] std::vector<Endpoint> unreachable_destinations(const AnnouncerOptions& options,
                                                             const std::vector<SocketWish>& wishes);

// Everybody on the links of the chosen interfaces, and whom the operator allows. Networks that
// find no place any more are left out; false then.
[[nodiscard]] bool plan_access(const AnnouncerOptions& options,
                               const std::vector<ChosenInterface>& chosen, AccessList& access);

}  // namespace timecast
