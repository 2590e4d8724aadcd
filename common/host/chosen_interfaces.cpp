// SPDX-License-Identifier: MIT
#include "common/host/chosen_interfaces.hpp"

#include <algorithm>

#include "common/host/socket_address.hpp"

namespace timecast {

namespace {

bool can_multicast(const Interface& interface, const Prefix& prefix) {
  return !interface.loopback || prefix.address.family == Family::ipv4;
}

void choose(std::vector<ChosenInterface>& chosen, const Interface& interface, const Address* only) {
  const auto same = [&](const ChosenInterface& c) { return c.interface.index == interface.index; };
  auto entry = std::find_if(chosen.begin(), chosen.end(), same);
  if (entry == chosen.end()) entry = chosen.insert(chosen.end(), {interface, false, {}});
  if (only == nullptr) entry->whole = true;
  for (const Prefix& prefix : interface.addresses) {
    if (only != nullptr && prefix.address != *only) continue;
    if (!can_multicast(interface, prefix)) continue;
    auto& addresses = entry->addresses;
    if (std::find(addresses.begin(), addresses.end(), prefix) == addresses.end()) {
      addresses.push_back(prefix);
    }
  }
}

bool has_address(const Interface& interface, const Address& address) {
  return std::any_of(interface.addresses.begin(), interface.addresses.end(),
                     [&](const Prefix& p) { return p.address == address; });
}

void choose_wanted(std::vector<ChosenInterface>& chosen, const std::string& name_or_address,
                   const std::vector<Interface>& present) {
  const auto address = parse_address(name_or_address);
  for (const Interface& interface : present) {
    if (!interface.up) continue;
    if (interface.name == name_or_address) choose(chosen, interface, nullptr);
    if (address && has_address(interface, *address)) choose(chosen, interface, &*address);
  }
}

std::string list_of(const std::vector<std::string>& wanted) {
  std::string names;
  for (const std::string& each : wanted) names += (names.empty() ? "" : ", ") + each;
  return names;
}

constexpr const char* kNone = "no interface with an address is up that can multicast; ";

}  // namespace

const Prefix* ChosenInterface::first(Family family) const noexcept {
  for (const Prefix& prefix : addresses) {
    if (prefix.address.family == family) return &prefix;
  }
  return nullptr;
}

std::vector<ChosenInterface> choose_interfaces(const std::vector<std::string>& wanted,
                                               const std::vector<Interface>& present) {
  std::vector<ChosenInterface> chosen;
  for (const std::string& each : wanted) choose_wanted(chosen, each, present);
  if (!wanted.empty()) return chosen;
  for (const Interface& interface : present) {
    if (is_usual(interface)) choose(chosen, interface, nullptr);
  }
  return chosen;
}

std::string waiting_text(const std::vector<std::string>& wanted) {
  if (wanted.empty()) return std::string{kNone} + "waiting for one (or name one by --interface)";
  return "waiting for " + list_of(wanted) + " to be up and have an address";
}

std::string nowhere_text(const std::vector<std::string>& wanted) {
  if (wanted.empty()) return std::string{kNone} + "name one by --interface";
  return "not up, or without an address: " + list_of(wanted);
}

Result<void> check_interfaces(const std::vector<std::string>& wanted) {
  for (const std::string& each : wanted) {
    if (const auto found = find_interface(each); !found) return because(found.error());
  }
  return {};
}

}  // namespace timecast
