// SPDX-License-Identifier: MIT
#include "announcer/daemon/outlet.hpp"

#include "announcer/daemon/query_server.hpp"

namespace timecast {

namespace {

// A precise packet with another hop limit has crossed a router (RFC 5082); a plain one shall not.
constexpr std::uint8_t kPreciseHops = 255;
constexpr std::uint8_t kPlainHops = 1;

}  // namespace

std::string not_for_us(std::uint32_t key) {
  return "the addresses behind key " + std::to_string(key) +
         " in its file are other servers'; add this one to them";
}

UdpOptions socket_options(const SocketWish& wish) {
  UdpOptions options;
  options.bind_address = wish.local.address;
  options.port = wish.local.port;
  options.interface = wish.local.interface;
  options.interface_is_loopback = wish.loopback;
  options.multicast_hops = wish.kind == StreamKind::precise ? kPreciseHops : kPlainHops;
  options.broadcast = wish.needs_broadcast();
  options.read_at_once = QueryServer::kReadAtOnce;
  options.notes = false;  // what is asked here is asked of that address
  return options;
}

UdpOptions socket_options_beside(const SocketWish& wish, const Endpoint& destination) {
  UdpOptions options = socket_options(wish);
  // What is sent to a group or to everybody comes to all who are bound to it. A network's own
  // broadcast address cannot be told from somebody's address.
  const Address& to = destination.address;
  options.bind_address = to.is_multicast() ? to : kLimitedBroadcast;
  options.reuse_address = true;
  return options;
}

}  // namespace timecast
