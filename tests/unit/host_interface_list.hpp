// SPDX-License-Identifier: MIT
//
// Interfaces that a test makes up.
#pragma once

#include <initializer_list>
#include <string>

#include "common/host/interfaces.hpp"
#include "common/host/socket_address.hpp"

namespace timecast {

// "192.0.2.1/24": an address with its own bits, and the length of its network.
inline Prefix address_in_network(const std::string& text) {
  const std::size_t slash = text.find('/');
  return {parse_address(text.substr(0, slash)).value(),
          static_cast<std::uint8_t>(std::stoi(text.substr(slash + 1)))};
}

// One that is up and can multicast.
inline Interface made_up_interface(std::uint32_t index, const std::string& name,
                                   std::initializer_list<const char*> addresses) {
  Interface interface;
  interface.index = index;
  interface.name = name;
  interface.up = interface.running = interface.multicast = true;
  for (const char* const each : addresses) {
    interface.addresses.push_back(address_in_network(each));
  }
  return interface;
}

inline Interface made_up_loopback() {
  Interface loopback = made_up_interface(1, "lo", {"127.0.0.1/8", "::1/128"});
  loopback.loopback = true;
  loopback.multicast = false;
  return loopback;
}

}  // namespace timecast
