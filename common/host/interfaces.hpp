// SPDX-License-Identifier: MIT
//
// The network interfaces there are now, with their addresses.
//
// Errors:  none but a name that does not exist; a host that does not list them has none.
// Threads: any.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <timecast/wire/endpoint.hpp>

#include "common/host/error.hpp"

namespace timecast {

struct Interface {
  std::uint32_t index = 0;
  std::string name;
  bool up = false;
  bool running = false;  // it has a carrier
  bool multicast = false;
  bool loopback = false;
  bool point_to_point = false;
  bool enslaved = false;             // port of a bridge, bond or team: its master is the one to use
  bool leads_to_containers = false;  // and nowhere else: see is_container_bridge()
  // How often one of this index was destroyed since somebody counts: what was joined there is lost.
  std::uint32_t generation = 0;
  // Each with the length of its network. In the kernel's order, but the link-local IPv6 addresses
  // before the other IPv6 ones: announcements leave from those.
  std::vector<Prefix> addresses;

  // The first address of a family; nullptr if it has none.
  [[nodiscard]] const Prefix* first(Family family) const noexcept;
};

// In the order of their indices.
[[nodiscard]] std::vector<Interface> list_interfaces();

// Where announcements go and are heard if nobody names an interface: up, multicast, neither
// loopback nor point-to-point, no port of another interface, and no bridge of containers.
[[nodiscard]] bool is_usual(const Interface& interface) noexcept;

// By name or by one of its addresses. The error lists the names there are.
[[nodiscard]] Result<Interface> find_interface(std::string_view name_or_address);

}  // namespace timecast
