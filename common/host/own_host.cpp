// SPDX-License-Identifier: MIT
#include "common/host/own_host.hpp"

#include <algorithm>

#include "common/host/socket_address.hpp"

namespace timecast {

void OwnHost::set(const std::vector<Interface>& interfaces) {
  references_ = reference_ids_of(interfaces);
  addresses_.clear();
  for (const Interface& interface : interfaces) {
    for (const Prefix& prefix : interface.addresses) {
      addresses_.push_back({prefix.address, 0, interface.index});
    }
  }
}

bool OwnHost::has(const Endpoint& sender) const noexcept {
  return std::any_of(addresses_.begin(), addresses_.end(), [&](const Endpoint& own) {
    return own.address == sender.address &&
           (!needs_interface(own.address) || own.interface == sender.interface);
  });
}

}  // namespace timecast
