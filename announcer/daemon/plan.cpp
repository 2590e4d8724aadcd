// SPDX-License-Identifier: MIT
#include "announcer/daemon/plan.hpp"

#include <algorithm>
#include <optional>

namespace timecast {

namespace {

// The address that announces to a group, or to everybody on the link.
bool is_first(const ChosenInterface& chosen, const Prefix& prefix) {
  return &prefix == chosen.first(prefix.address.family);
}

// An address can be there twice, in networks of two sizes; it gets one socket.
bool is_repeated(const ChosenInterface& chosen, const Prefix& prefix) {
  const auto same = [&](const Prefix& p) { return p.address == prefix.address; };
  return &*std::find_if(chosen.addresses.begin(), chosen.addresses.end(), same) != &prefix;
}

// The first of the addresses that have this broadcast address. Whoever is on that network takes a
// packet from another one for forged.
bool is_first_of_network(const ChosenInterface& chosen, const Prefix& prefix,
                         const Address& broadcast) {
  const auto has_it = [&](const Prefix& p) { return broadcast_of(p) == broadcast; };
  const auto first = std::find_if(chosen.addresses.begin(), chosen.addresses.end(), has_it);
  return first != chosen.addresses.end() && &*first == &prefix;
}

// What a destination that was asked for is, from one address of an interface. Groups go out by
// every interface, a subnet's broadcast only where that subnet is.
std::optional<Address> destination_from(const Prefix& prefix, const ChosenInterface& chosen,
                                        const Endpoint& asked) {
  const bool elsewhere = asked.interface != 0 && asked.interface != chosen.interface.index;
  if (elsewhere || asked.address.family != prefix.address.family) return std::nullopt;
  if (asked.address.is_multicast() || asked.address == kLimitedBroadcast) {
    return is_first(chosen, prefix) ? std::optional{asked.address} : std::nullopt;
  }
  const auto own = broadcast_of(prefix);
  const bool meant = own && (asked.address == kOwnBroadcast || asked.address == *own);
  return meant && is_first_of_network(chosen, prefix, *own) ? own : std::nullopt;
}

SocketWish wish_for(const ChosenInterface& chosen, const Address& local, std::uint16_t port,
                    StreamKind kind) {
  const Interface& interface = chosen.interface;
  return {{local, port, interface.index}, interface.name, interface.loopback, kind, {}};
}

void plan_precise(const AnnouncerOptions& options, const ChosenInterface& chosen,
                  std::vector<SocketWish>& wishes) {
  for (const Prefix& prefix : chosen.addresses) {
    if (is_repeated(chosen, prefix)) continue;
    const Family family = prefix.address.family;
    SocketWish wish = wish_for(chosen, prefix.address, options.port, StreamKind::precise);
    if (is_first(chosen, prefix)) {
      const Address& group = family == Family::ipv4 ? options.group4 : options.group6;
      wish.destinations.push_back({{group, options.port, chosen.interface.index}, {}});
    }
    wishes.push_back(std::move(wish));
  }
}

// An interface's own broadcast address may be named besides; then what is said of it counts.
void add(const KeyedEndpoint& to, bool is_named, std::vector<KeyedEndpoint>& found) {
  const auto same = std::find_if(found.begin(), found.end(), [&to](const Endpoint& each) {
    return each == static_cast<const Endpoint&>(to);
  });
  if (same == found.end()) {
    found.push_back(to);
  } else if (is_named) {
    *same = to;
  }
}

// The plain destinations of one port that are announced to from this address, once each.
std::vector<KeyedEndpoint> destinations_from(const Address& local, const ChosenInterface& chosen,
                                             std::uint16_t port,
                                             const std::vector<KeyedEndpoint>& all) {
  std::vector<KeyedEndpoint> found;
  for (const KeyedEndpoint& asked : all) {
    if (asked.port != port) continue;
    for (const Prefix& prefix : chosen.addresses) {
      if (prefix.address != local) continue;
      const auto address = destination_from(prefix, chosen, asked);
      if (!address) continue;
      add({{*address, port, chosen.interface.index}, asked.mac}, asked.address != kOwnBroadcast,
          found);
    }
  }
  return found;
}

// The source port is the destination's: receivers insist on it, and ask back there.
void plan_plain(const AnnouncerOptions& options, const ChosenInterface& chosen,
                std::vector<SocketWish>& wishes) {
  const std::vector<KeyedEndpoint>& all = options.plain_destinations;
  std::vector<std::uint16_t> ports{kPlainPort};
  for (const Endpoint& to : all) {
    if (std::find(ports.begin(), ports.end(), to.port) == ports.end()) ports.push_back(to.port);
  }
  for (const Prefix& prefix : chosen.addresses) {
    if (is_repeated(chosen, prefix)) continue;
    for (const std::uint16_t port : ports) {
      SocketWish wish = wish_for(chosen, prefix.address, port, StreamKind::plain);
      wish.destinations = destinations_from(prefix.address, chosen, port, all);
      // Besides those announced from, only the well-known port is answered.
      if (port == kPlainPort || !wish.destinations.empty()) wishes.push_back(std::move(wish));
    }
  }
}

bool reaches(const SocketWish& wish, const Endpoint& to) {
  return wish.kind == StreamKind::plain &&
         std::any_of(wish.destinations.begin(), wish.destinations.end(), [&](const Endpoint& d) {
           const bool is_own = to.address == kOwnBroadcast && !d.address.is_multicast() &&
                               d.address != kLimitedBroadcast;
           return d.port == to.port && (is_own || d.address == to.address);
         });
}

}  // namespace

bool SocketWish::needs_broadcast() const noexcept {
  return std::any_of(destinations.begin(), destinations.end(),
                     [](const Endpoint& to) { return !to.address.is_multicast(); });
}

std::vector<SocketWish> plan_sockets(const AnnouncerOptions& options,
                                     const std::vector<ChosenInterface>& chosen) {
  std::vector<SocketWish> wishes;
  for (const ChosenInterface& each : chosen) {
    plan_precise(options, each, wishes);
    if (options.plain) plan_plain(options, each, wishes);
  }
  return wishes;
}

std::vector<Endpoint> unreachable_destinations(const AnnouncerOptions& options,
                                               const std::vector<SocketWish>& wishes) {
  if (!options.plain) return {};
  std::vector<Endpoint> unreachable{options.plain_destinations.begin(),
                                    options.plain_destinations.end()};
  std::erase(unreachable, Endpoint{kPlainGroup4, kPlainPort, 0});
  std::erase_if(unreachable, [&](const Endpoint& to) {
    return std::any_of(wishes.begin(), wishes.end(),
                       [&](const SocketWish& wish) { return reaches(wish, to); });
  });
  return unreachable;
}

namespace {

// Unless it is allowed already: 300 addresses of one network are one entry.
bool allow(const Prefix& prefix, std::vector<Prefix>& allowed, AccessList& access) {
  const auto covers = [&](const Prefix& wider) {
    return wider.length <= prefix.length && wider.contains(prefix.address);
  };
  if (std::any_of(allowed.begin(), allowed.end(), covers)) return true;
  allowed.push_back(prefix);
  return access.allow(prefix);
}

}  // namespace

bool plan_access(const AnnouncerOptions& options, const std::vector<ChosenInterface>& chosen,
                 AccessList& access) {
  access.clear();
  bool all = true;
  std::vector<Prefix> allowed;
  for (const Prefix& prefix : options.allow) all = allow(prefix, allowed, access) && all;
  for (const ChosenInterface& each : chosen) {
    for (const Prefix& prefix : each.addresses) all = allow(prefix, allowed, access) && all;
  }
  return all;
}

}  // namespace timecast
