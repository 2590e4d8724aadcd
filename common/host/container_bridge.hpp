// SPDX-License-Identifier: MIT
//
// Bridges that lead to containers of this host alone, as Docker, LXC and libvirt make them. Nobody
// behind them has a clock of his own.
//
// Errors:  none; what cannot be read is not such a bridge.
// Threads: any.
// Source:  the kernel's Documentation/ABI/testing/sysfs-class-net.
#pragma once

#include <string>

namespace timecast {

// Whether it is a bridge and each of its ports, if there are any, is one end of a cable (veth) into
// another network namespace. `sysfs`: for tests.
[[nodiscard]] bool is_container_bridge(const std::string& name,
                                       const std::string& sysfs = "/sys/class/net");

}  // namespace timecast
