// SPDX-License-Identifier: MIT
//
// Which groups and ports `watch` hears, and where.
//
// Threads: any; pure functions.
#pragma once

#include <string>
#include <vector>

#include <timecast/wire/octets.hpp>

#include "listener/daemon/plan.hpp"
#include "listener/daemon/watch_options.hpp"

namespace timecast {

// Addresses and ports, without an interface. Both streams; or all that the operator named, the
// groups with the ports of both streams if he named no port, and the other way round.
[[nodiscard]] std::vector<Endpoint> watched_groups(const WatchOptions& options);

// One socket for each group, port and interface.
[[nodiscard]] std::vector<GroupWish> plan_watch(const WatchOptions& options,
                                                const std::vector<ChosenInterface>& chosen);

// A group that is not heard on an interface, and why.
struct UnheardGroup {
  GroupWish wish;
  std::string reason;
};

// The groups that the operator named and no chosen interface can hear; where none hears anything,
// any of those that should be.
[[nodiscard]] std::vector<UnheardGroup> unheard_groups(const WatchOptions& options,
                                                       const std::vector<ChosenInterface>& chosen);

// Whether a datagram in a recording is to be shown. Where no group is named that is also any
// mode-5 packet, wherever it went.
[[nodiscard]] bool is_watched(const WatchOptions& options, const Endpoint& to, Octets octets);

}  // namespace timecast
