// SPDX-License-Identifier: MIT
#include "listener/daemon/watch_plan.hpp"

#include <algorithm>

#include <timecast/wire/groups.hpp>
#include <timecast/wire/header.hpp>

namespace timecast {

namespace {

constexpr Address kGroups[] = {kPreciseGroup4, kNtpGroup6, kPlainGroup4};
constexpr std::uint16_t kPorts[] = {kPrecisePort, kPlainPort};

template <class Values, class Value>
bool contains(const Values& values, const Value& value) {
  return std::find(std::begin(values), std::end(values), value) != std::end(values);
}

void add(std::vector<Endpoint>& out, const Address& group, std::uint16_t port) {
  const Endpoint endpoint{group, port};
  if (!contains(out, endpoint)) out.push_back(endpoint);
}

bool has_family(const ChosenInterface& chosen, Family family) {
  // IPv4 is heard before DHCP has given an address; an interface without any IPv6 address has
  // IPv6 switched off.
  return chosen.first(family) != nullptr || (family == Family::ipv4 && chosen.whole);
}

bool is_announcement(Octets octets) noexcept {
  return octets.size() >= kHeaderOctets &&
         (octets[0] & 7U) == static_cast<unsigned>(Mode::broadcast);
}

}  // namespace

std::vector<Endpoint> watched_groups(const WatchOptions& options) {
  std::vector<Endpoint> out;
  if (options.groups.empty() && options.ports.empty()) {
    return {{kPreciseGroup4, kPrecisePort}, {kNtpGroup6, kPrecisePort}, {kPlainGroup4, kPlainPort}};
  }
  std::vector<Address> groups = options.groups;
  std::vector<std::uint16_t> ports = options.ports;
  if (groups.empty()) groups.assign(std::begin(kGroups), std::end(kGroups));
  if (ports.empty()) ports.assign(std::begin(kPorts), std::end(kPorts));
  for (const Address& group : groups) {
    for (const std::uint16_t port : ports) add(out, group, port);
  }
  return out;
}

std::vector<GroupWish> plan_watch(const WatchOptions& options,
                                  const std::vector<ChosenInterface>& chosen) {
  std::vector<GroupWish> wishes;
  for (const ChosenInterface& each : chosen) {
    const Interface& interface = each.interface;
    for (const Endpoint& group : watched_groups(options)) {
      if (!has_family(each, group.address.family)) continue;
      wishes.push_back(
          {{group.address, group.port, interface.index}, interface.name, interface.loopback});
    }
  }
  return wishes;
}

bool is_watched(const WatchOptions& options, const Endpoint& to, Octets octets) {
  if (options.ports.empty() ? !contains(kPorts, to.port) : !contains(options.ports, to.port)) {
    return false;
  }
  if (!options.groups.empty()) return contains(options.groups, to.address);
  return contains(kGroups, to.address) || is_announcement(octets);
}

}  // namespace timecast
