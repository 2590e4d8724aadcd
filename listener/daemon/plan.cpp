// SPDX-License-Identifier: MIT
#include "listener/daemon/plan.hpp"

namespace timecast {

namespace {

GroupWish wish_for(const ChosenInterface& chosen, const Address& group, std::uint16_t port) {
  const Interface& interface = chosen.interface;
  return {{group, port, interface.index}, interface.name, interface.loopback};
}

}  // namespace

std::vector<GroupWish> plan_groups(const UvListenerSettings& settings,
                                   const std::vector<ChosenInterface>& chosen) {
  std::vector<GroupWish> wishes;
  for (const ChosenInterface& each : chosen) {
    // IPv4 is heard before DHCP has given an address; an interface without any IPv6 address has
    // IPv6 switched off.
    const bool ipv4 = each.whole || each.first(Family::ipv4) != nullptr;
    const bool ipv6 = each.first(Family::ipv6) != nullptr;
    if (ipv4) wishes.push_back(wish_for(each, settings.group4, settings.port));
    if (ipv6) wishes.push_back(wish_for(each, settings.group6, settings.port));
  }
  return wishes;
}

std::optional<Endpoint> source_for(const Endpoint& to, const std::vector<ChosenInterface>& chosen) {
  for (const ChosenInterface& each : chosen) {
    if (each.interface.index != to.interface) continue;
    for (const Prefix& prefix : each.addresses) {
      if (prefix.contains(to.address)) return Endpoint{prefix.address, 0, to.interface};
    }
    const Prefix* const first = each.first(to.address.family);
    if (first != nullptr) return Endpoint{first->address, 0, to.interface};
  }
  return std::nullopt;
}

}  // namespace timecast
