// SPDX-License-Identifier: MIT
//
// Where list_interfaces() has its knowledge from.
//
// Errors:  an empty list: it cannot be had this way.
// Threads: any.
// Source:  getifaddrs(3); netdevice(7), /proc/net/dev and /proc/net/if_inet6.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/host/interfaces.hpp"

namespace timecast {

// `flags`: as the kernel has them. Index 0: it has gone meanwhile.
[[nodiscard]] Interface interface_of(const std::string& name, unsigned flags);
// Of a network, from its mask.
[[nodiscard]] std::uint8_t mask_length(const Address& netmask) noexcept;
// Unless it is there already.
void add_address(Interface& interface, const Prefix& prefix);

[[nodiscard]] std::vector<Interface> list_by_netlink();
// Where a sandbox knows no netlink.
[[nodiscard]] std::vector<Interface> list_by_ioctl();

}  // namespace timecast
