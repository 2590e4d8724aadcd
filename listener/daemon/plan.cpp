// SPDX-License-Identifier: MIT
#include "listener/daemon/plan.hpp"

#include <algorithm>

#include "common/host/broadcast.hpp"
#include "common/host/low_port.hpp"
#include "common/host/socket_address.hpp"

namespace timecast {

namespace {

// A group that is heard anyway has one socket for both kinds of sender.
void hear_foreign(const ChosenInterface& chosen, const KeyedEndpoint& to,
                  std::vector<GroupWish>& wishes) {
  GroupWish wish = wish_for(chosen, to);
  wish.foreign = true;
  wish.mac = to.mac;
  const auto same = std::find_if(wishes.begin(), wishes.end(),
                                 [&](const GroupWish& w) { return w.group == wish.group; });
  if (same != wishes.end()) {
    same->foreign = true;
    same->mac = to.mac;
  } else {
    wishes.push_back(std::move(wish));
  }
}

}  // namespace

bool has_family(const ChosenInterface& chosen, Family family) {
  return chosen.first(family) != nullptr || (family == Family::ipv4 && chosen.whole);
}

bool is_heard_on(const ChosenInterface& chosen, const Endpoint& to) {
  if (to.interface != 0 && to.interface != chosen.interface.index) return false;
  if (to.address.is_multicast() || to.address == kLimitedBroadcast) {
    return has_family(chosen, to.address.family);
  }
  return std::any_of(chosen.addresses.begin(), chosen.addresses.end(),
                     [&](const Prefix& p) { return broadcast_of(p) == to.address; });
}

GroupWish wish_for(const ChosenInterface& chosen, const Endpoint& group) {
  const Interface& interface = chosen.interface;
  return {{group.address, group.port, interface.index},
          interface.name,
          interface.loopback,
          false,
          {},
          interface.generation};
}

std::vector<GroupWish> plan_groups(const UvListenerSettings& settings,
                                   const std::vector<ChosenInterface>& chosen) {
  std::vector<GroupWish> wishes;
  for (const ChosenInterface& each : chosen) {
    for (const Address& group : {settings.group4, settings.group6}) {
      if (has_family(each, group.family)) wishes.push_back(wish_for(each, {group, settings.port}));
    }
    for (const KeyedEndpoint& to : settings.hear) {
      if (is_heard_on(each, to)) hear_foreign(each, to, wishes);
    }
  }
  return wishes;
}

Error listening_error(Error error, const GroupWish& wish) {
  const std::uint16_t port = wish.group.port;
  if (lacks_privilege(error, port)) {
    error.text = "cannot listen to " + to_string(wish.group) + " on " + wish.interface_name + ": " +
                 privilege_text(port);
  }
  return error;
}

UdpOptions socket_options(const GroupWish& wish) { return hearing(wish.group, wish.loopback); }

std::vector<Endpoint> unheard_destinations(const UvListenerSettings& settings,
                                           const std::vector<GroupWish>& wishes) {
  std::vector<Endpoint> unheard{settings.hear.begin(), settings.hear.end()};
  std::erase_if(unheard, [&](const Endpoint& to) {
    return std::any_of(wishes.begin(), wishes.end(), [&](const GroupWish& wish) {
      return wish.group.address == to.address && wish.group.port == to.port;
    });
  });
  return unheard;
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
