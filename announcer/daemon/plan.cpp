// SPDX-License-Identifier: MIT
#include "announcer/daemon/plan.hpp"

#include <algorithm>

#include "common/host/broadcast.hpp"

namespace timecast {

namespace {

// Groups go out everywhere, a subnet's broadcast only where that subnet is.
bool goes_out_by(const Endpoint& destination, const ChosenInterface& chosen) {
  const Address& to = destination.address;
  if (destination.interface != 0 && destination.interface != chosen.interface.index) return false;
  if (to.is_multicast() || to == kLimitedBroadcast) return true;
  return std::any_of(chosen.addresses.begin(), chosen.addresses.end(),
                     [&](const Prefix& p) { return is_broadcast_of(to, p); });
}

SocketWish wish_for(const ChosenInterface& chosen, const Address& local, std::uint16_t port,
                    StreamKind kind) {
  const Interface& interface = chosen.interface;
  return {{local, port, interface.index}, interface.name, interface.loopback, kind, {}};
}

void plan_precise(const AnnouncerOptions& options, const ChosenInterface& chosen,
                  std::vector<SocketWish>& wishes) {
  for (const Prefix& prefix : chosen.addresses) {
    const Family family = prefix.address.family;
    SocketWish wish = wish_for(chosen, prefix.address, options.port, StreamKind::precise);
    if (&prefix == chosen.first(family)) {
      const Address& group = family == Family::ipv4 ? options.group4 : options.group6;
      wish.destinations.push_back({group, options.port, chosen.interface.index});
    }
    wishes.push_back(std::move(wish));
  }
}

// The plain destinations of one family and port that are reached by this interface.
std::vector<Endpoint> destinations_by(const ChosenInterface& chosen, Family family,
                                      std::uint16_t port, const std::vector<Endpoint>& all) {
  std::vector<Endpoint> found;
  for (const Endpoint& to : all) {
    if (to.port != port || to.address.family != family || !goes_out_by(to, chosen)) continue;
    found.push_back({to.address, to.port, chosen.interface.index});
  }
  return found;
}

// The source port is the destination's: receivers insist on it, and ask back there.
void plan_plain(const AnnouncerOptions& options, const ChosenInterface& chosen,
                std::vector<SocketWish>& wishes) {
  const std::vector<Endpoint>& all = options.plain_destinations;
  std::vector<std::uint16_t> ports{kPlainPort};
  for (const Endpoint& to : all) {
    if (std::find(ports.begin(), ports.end(), to.port) == ports.end()) ports.push_back(to.port);
  }
  for (const Prefix& prefix : chosen.addresses) {
    const Family family = prefix.address.family;
    const bool announces = &prefix == chosen.first(family);
    for (const std::uint16_t port : ports) {
      SocketWish wish = wish_for(chosen, prefix.address, port, StreamKind::plain);
      if (announces) wish.destinations = destinations_by(chosen, family, port, all);
      // Besides those announced from, only the well-known port is answered.
      if (port == kPlainPort || !wish.destinations.empty()) wishes.push_back(std::move(wish));
    }
  }
}

bool reaches(const SocketWish& wish, const Endpoint& to) {
  return wish.kind == StreamKind::plain &&
         std::any_of(wish.destinations.begin(), wish.destinations.end(), [&](const Endpoint& d) {
           return d.address == to.address && d.port == to.port;
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
  std::vector<Endpoint> unreachable = options.plain_destinations;
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
