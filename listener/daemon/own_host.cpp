// SPDX-License-Identifier: MIT
#include "listener/daemon/own_host.hpp"

#include <algorithm>

namespace timecast {

void OwnHost::set(const std::vector<Interface>& interfaces) {
  references_ = reference_ids_of(interfaces);
  addresses_.clear();
  for (const Interface& interface : interfaces) {
    for (const Prefix& prefix : interface.addresses) addresses_.push_back(prefix.address);
  }
}

bool OwnHost::has(const Address& address) const noexcept {
  return std::find(addresses_.begin(), addresses_.end(), address) != addresses_.end();
}

}  // namespace timecast
