// SPDX-License-Identifier: MIT
#include "common/host/interfaces.hpp"

#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/stat.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <memory>

#include "common/host/container_bridge.hpp"
#include "common/host/interface_sources.hpp"
#include "common/host/socket_address.hpp"

namespace timecast {

namespace {

struct FreeList {
  void operator()(ifaddrs* list) const noexcept { ::freeifaddrs(list); }
};

bool is_enslaved(const std::string& name) {
  struct stat link {};
  return ::lstat(("/sys/class/net/" + name + "/master").c_str(), &link) == 0;
}

Endpoint endpoint_of(const sockaddr* address) {
  sockaddr_storage storage{};
  const std::size_t length =
      address->sa_family == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6);
  std::memcpy(&storage, address, length);
  return endpoint_from(storage);
}

// An address with a label is listed under "eth0:label", which no interface is called.
Interface& entry_for(std::vector<Interface>& interfaces, const ifaddrs& row) {
  const std::string_view label = row.ifa_name;
  const std::string name{label.substr(0, label.find(':'))};
  const auto known = std::find_if(interfaces.begin(), interfaces.end(),
                                  [&](const Interface& i) { return i.name == name; });
  if (known != interfaces.end()) return *known;
  return interfaces.emplace_back(interface_of(name, row.ifa_flags));
}

void add_row(Interface& interface, const ifaddrs& row) {
  if (row.ifa_addr == nullptr) return;
  const int family = row.ifa_addr->sa_family;
  if (family != AF_INET && family != AF_INET6) return;
  Prefix prefix{endpoint_of(row.ifa_addr).address, 0};
  if (row.ifa_netmask != nullptr) {
    // Some kernels leave the mask's family empty.
    sockaddr_storage mask{};
    std::memcpy(&mask, row.ifa_netmask,
                family == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6));
    mask.ss_family = static_cast<sa_family_t>(family);
    prefix.length = mask_length(endpoint_from(mask).address);
  }
  add_address(interface, prefix);
}

// IPv4, link-local IPv6, other IPv6.
int rank(const Prefix& prefix) {
  if (prefix.address.family == Family::ipv4) return 0;
  return needs_interface(prefix.address) ? 1 : 2;
}

}  // namespace

const Prefix* Interface::first(Family family) const noexcept {
  for (const Prefix& prefix : addresses) {
    if (prefix.address.family == family) return &prefix;
  }
  return nullptr;
}

std::uint8_t mask_length(const Address& netmask) noexcept {
  unsigned bits = 0;
  for (const std::uint8_t octet : netmask.octets)
    bits += static_cast<unsigned>(std::popcount(octet));
  return static_cast<std::uint8_t>(bits);
}

Interface interface_of(const std::string& name, unsigned flags) {
  const auto has = [&](unsigned flag) { return (flags & flag) != 0; };
  Interface interface;
  interface.name = name;
  interface.index = ::if_nametoindex(name.c_str());
  interface.up = has(IFF_UP);
  interface.running = has(IFF_RUNNING);
  interface.multicast = has(IFF_MULTICAST);
  interface.loopback = has(IFF_LOOPBACK);
  interface.point_to_point = has(IFF_POINTOPOINT);
  interface.enslaved = is_enslaved(name);
  interface.leads_to_containers = is_container_bridge(name);
  return interface;
}

void add_address(Interface& interface, const Prefix& prefix) {
  auto& addresses = interface.addresses;
  if (std::find(addresses.begin(), addresses.end(), prefix) == addresses.end()) {
    addresses.push_back(prefix);
  }
}

std::vector<Interface> list_by_netlink() {
  ifaddrs* first = nullptr;
  if (::getifaddrs(&first) != 0) return {};
  const std::unique_ptr<ifaddrs, FreeList> list{first};
  std::vector<Interface> interfaces;
  for (const ifaddrs* row = first; row != nullptr; row = row->ifa_next) {
    add_row(entry_for(interfaces, *row), *row);
  }
  return interfaces;
}

std::vector<Interface> list_interfaces() {
  std::vector<Interface> interfaces = list_by_netlink();
  if (interfaces.empty()) interfaces = list_by_ioctl();
  // One that went while the list was made.
  std::erase_if(interfaces, [](const Interface& i) { return i.index == 0; });
  for (Interface& interface : interfaces) {
    std::stable_sort(interface.addresses.begin(), interface.addresses.end(),
                     [](const Prefix& a, const Prefix& b) { return rank(a) < rank(b); });
  }
  std::sort(interfaces.begin(), interfaces.end(),
            [](const Interface& a, const Interface& b) { return a.index < b.index; });
  return interfaces;
}

bool is_usual(const Interface& interface) noexcept {
  return interface.up && interface.multicast && !interface.loopback && !interface.point_to_point &&
         !interface.enslaved && !interface.leads_to_containers;
}

Result<Interface> find_interface(std::string_view name_or_address) {
  const auto address = parse_address(name_or_address);
  std::string names;
  for (const Interface& interface : list_interfaces()) {
    if (interface.name == name_or_address) return interface;
    for (const Prefix& prefix : interface.addresses) {
      if (address && prefix.address == *address) return interface;
    }
    names.append(names.empty() ? "" : ", ").append(interface.name);
  }
  const std::string_view kind = address ? "address" : "interface";
  return because(Error{"there is no " + std::string{kind} + " \"" + std::string{name_or_address} +
                       "\" on this host; its interfaces are " + (names.empty() ? "none" : names)});
}

}  // namespace timecast
