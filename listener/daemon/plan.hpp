// SPDX-License-Identifier: MIT
//
// Which groups and broadcast addresses a listener should hear, given the interfaces there are, and
// from which of their addresses it asks.
//
// Threads: any.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <timecast/uv_listener.hpp>

#include "common/host/chosen_interfaces.hpp"
#include "common/host/group_socket.hpp"
#include "common/host/udp_socket.hpp"

namespace timecast {

// One socket: one group, or broadcast address, on one interface.
struct GroupWish {
  Endpoint group;  // address, port, interface
  std::string interface_name;
  bool loopback = false;
  bool foreign = false;          // senders that sign nothing are heard there
  MacUse mac = {};               // and by which key, if one is wanted
  std::uint32_t generation = 0;  // of the interface
  [[nodiscard]] HeardGroup heard() const { return {group, interface_name, loopback}; }
  [[nodiscard]] bool is_broadcast() const noexcept { return !group.address.is_multicast(); }
  friend bool operator==(const GroupWish&, const GroupWish&) noexcept = default;
};

// Whether groups of this family can be heard there: IPv4 before DHCP has given an address; an
// interface without any IPv6 address has IPv6 switched off.
[[nodiscard]] bool has_family(const ChosenInterface& chosen, Family family);
// Whether what is sent there can be heard: groups can be joined everywhere, a subnet's broadcast
// address is only where that subnet is.
[[nodiscard]] bool is_heard_on(const ChosenInterface& chosen, const Endpoint& to);
[[nodiscard]] GroupWish wish_for(const ChosenInterface& chosen, const Endpoint& group);

[[nodiscard]] std::vector<GroupWish> plan_groups(const UvListenerSettings& settings,
                                                 const std::vector<ChosenInterface>& chosen);

// Why it cannot be listened to, with the way out where a privilege is wanting.
[[nodiscard]] Error listening_error(Error error, const GroupWish& wish);

// As other listeners of this host have it too.
[[nodiscard]] UdpOptions socket_options(const GroupWish& wish);

// What shall be heard and is on none of these: a broadcast address of no interface, a family that
// no interface has.
[[nodiscard]] std::vector<Endpoint> unheard_destinations(const UvListenerSettings& settings,
                                                         const std::vector<GroupWish>& wishes);

// The address of ours on the interface to `to` that is on its network, else the first of its
// family; nothing if there is none.
[[nodiscard]] std::optional<Endpoint> source_for(const Endpoint& to,
                                                 const std::vector<ChosenInterface>& chosen);

}  // namespace timecast
