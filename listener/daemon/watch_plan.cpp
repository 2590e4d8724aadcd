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

// Of an interface that has not this family, or no such broadcast address.
std::string why_deaf(const ChosenInterface& chosen, const Address& group) {
  const std::string& name = chosen.interface.name;
  const bool is_v4 = group.family == Family::ipv4;
  if (has_family(chosen, group.family)) {
    return name + " has no such broadcast address; see ip -4 address show " + name;
  }
  if (!is_v4 && chosen.interface.loopback) return name + " is loopback, where IPv4 alone is heard";
  if (chosen.whole) return name + " has no IPv6 address";
  return name + " was named by an " + (is_v4 ? "IPv6" : "IPv4") + " address: name it " + name +
         ", or by an " + (is_v4 ? "IPv4" : "IPv6") + " address of it";
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
    for (const Endpoint& group : watched_groups(options)) {
      if (is_heard_on(each, group)) wishes.push_back(wish_for(each, group));
    }
  }
  return wishes;
}

std::vector<UnheardGroup> unheard_groups(const WatchOptions& options,
                                         const std::vector<ChosenInterface>& chosen) {
  if (options.groups.empty() && !plan_watch(options, chosen).empty()) return {};
  std::vector<UnheardGroup> unheard;
  for (const Endpoint& group : watched_groups(options)) {
    const auto hears = [&](const ChosenInterface& each) { return is_heard_on(each, group); };
    if (std::any_of(chosen.begin(), chosen.end(), hears)) continue;
    for (const ChosenInterface& each : chosen) {
      unheard.push_back({wish_for(each, group), why_deaf(each, group.address)});
    }
  }
  return unheard;
}

bool is_watched(const WatchOptions& options, const Endpoint& to, Octets octets) {
  if (options.ports.empty() ? !contains(kPorts, to.port) : !contains(options.ports, to.port)) {
    return false;
  }
  if (!options.groups.empty()) return contains(options.groups, to.address);
  return contains(kGroups, to.address) || is_announcement(octets);
}

}  // namespace timecast
