// SPDX-License-Identifier: MIT
//
// Which groups a listener should have joined, given the interfaces there are, and from which of
// their addresses it asks.
//
// Threads: any; pure functions.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <timecast/uv_listener.hpp>

#include "common/host/chosen_interfaces.hpp"

namespace timecast {

// One socket: one group on one interface.
struct GroupWish {
  Endpoint group;  // address, port, interface
  std::string interface_name;
  bool loopback = false;
  friend bool operator==(const GroupWish&, const GroupWish&) noexcept = default;
};

[[nodiscard]] std::vector<GroupWish> plan_groups(const UvListenerSettings& settings,
                                                 const std::vector<ChosenInterface>& chosen);

// The address of ours on the interface to `to` that is on its network, else the first of its
// family; nothing if there is none.
[[nodiscard]] std::optional<Endpoint> source_for(const Endpoint& to,
                                                 const std::vector<ChosenInterface>& chosen);

}  // namespace timecast
