// SPDX-License-Identifier: MIT
#include <net/if.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <fstream>
#include <sstream>
#include <string_view>

#include "common/host/interface_sources.hpp"
#include "common/host/socket_address.hpp"
#include "common/host/unique_fd.hpp"

namespace timecast {

namespace {

Interface* named(std::vector<Interface>& interfaces, std::string_view name) {
  const auto known = std::find_if(interfaces.begin(), interfaces.end(),
                                  [&](const Interface& i) { return i.name == name; });
  return known == interfaces.end() ? nullptr : &*known;
}

ifreq request_for(const std::string& name) {
  ifreq request{};
  name.copy(request.ifr_name, sizeof request.ifr_name - 1);
  return request;
}

// Two lines of headings, then "  eth0: 1234 ...".
std::vector<Interface> read_names(int fd) {
  std::vector<Interface> interfaces;
  std::ifstream file{"/proc/net/dev"};
  for (std::string line; std::getline(file, line);) {
    const std::size_t end = line.find(':');
    const std::size_t begin = line.find_first_not_of(' ');
    if (end == std::string::npos || begin >= end) continue;
    const std::string name = line.substr(begin, end - begin);
    ifreq request = request_for(name);
    if (::ioctl(fd, SIOCGIFFLAGS, &request) != 0) continue;
    const auto flags = static_cast<unsigned short>(request.ifr_flags);
    interfaces.push_back(interface_of(name, flags));
  }
  return interfaces;
}

Address ipv4_of(const sockaddr& address) {
  sockaddr_storage storage{};
  std::memcpy(&storage, &address, sizeof address);
  return endpoint_from(storage).address;
}

// Each address with its label ("eth0", "eth0:1"), by which its mask is asked for.
void read_ipv4(int fd, std::vector<Interface>& interfaces) {
  std::array<ifreq, 512> rows{};
  ifconf request{};
  request.ifc_len = static_cast<int>(sizeof rows);
  request.ifc_req = rows.data();
  if (::ioctl(fd, SIOCGIFCONF, &request) != 0) return;
  const std::size_t count = static_cast<std::size_t>(request.ifc_len) / sizeof(ifreq);
  for (std::size_t i = 0; i < count; ++i) {
    const std::string_view label = rows[i].ifr_name;
    Interface* const interface = named(interfaces, label.substr(0, label.find(':')));
    const Address address = ipv4_of(rows[i].ifr_addr);
    if (interface == nullptr || ::ioctl(fd, SIOCGIFNETMASK, &rows[i]) != 0) continue;
    // Its family may be left empty.
    rows[i].ifr_netmask.sa_family = AF_INET;
    add_address(*interface, {address, mask_length(ipv4_of(rows[i].ifr_netmask))});
  }
}

// "fe80...0001 02 40 20 80     eth0": address, index, length of the network, scope, flags, name.
void read_ipv6(std::vector<Interface>& interfaces) {
  std::ifstream file{"/proc/net/if_inet6"};
  for (std::string line; std::getline(file, line);) {
    std::istringstream words{line};
    std::string digits, index, length, scope, flags, name;
    words >> digits >> index >> length >> scope >> flags >> name;
    Interface* const interface = named(interfaces, name);
    if (interface == nullptr || digits.size() != 32) continue;
    Prefix prefix;
    prefix.address.family = Family::ipv6;
    for (std::size_t i = 0; i < prefix.address.octets.size(); ++i) {
      const char* const at = digits.data() + 2 * i;
      std::from_chars(at, at + 2, prefix.address.octets[i], 16);
    }
    std::from_chars(length.data(), length.data() + length.size(), prefix.length, 16);
    add_address(*interface, prefix);
  }
}

}  // namespace

std::vector<Interface> list_by_ioctl() {
  const UniqueFd fd{::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
  if (!fd) return {};
  std::vector<Interface> interfaces = read_names(fd.get());
  read_ipv4(fd.get(), interfaces);
  read_ipv6(interfaces);
  return interfaces;
}

}  // namespace timecast
