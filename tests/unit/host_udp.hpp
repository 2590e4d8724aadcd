// SPDX-License-Identifier: MIT
//
// UDP sockets on this machine's loopback interface, unicast and multicast.
#pragma once

#include <doctest/doctest.h>
#include <net/if.h>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/host/socket_address.hpp"
#include "common/host/udp_socket.hpp"
#include "tests/unit/host_loop.hpp"

namespace timecast {

inline const Address kHere = Address::ipv4(127, 0, 0, 1);
inline const Address kGroup = Address::ipv4(239, 255, 77, 1);

inline std::uint32_t loopback_index() { return ::if_nametoindex("lo"); }

inline UdpOptions unicast_options() {
  UdpOptions options;
  options.bind_address = kHere;
  options.interface = loopback_index();
  options.interface_is_loopback = true;
  return options;
}

// A socket that hears the group and can send to it.
inline UdpOptions group_options(std::uint16_t port = 0) {
  UdpOptions options = unicast_options();
  options.bind_address = kGroup;
  options.port = port;
  options.reuse_address = true;
  options.join = kGroup;
  return options;
}

inline UdpSocket opened(const UdpOptions& options, const SocketCalls& calls = kKernelSocketCalls) {
  auto socket = UdpSocket::open(options, calls);
  if (!socket) FAIL(socket.error().text);
  return std::move(*socket);
}

// A datagram whose octets outlive the call that handed it over.
struct Received {
  std::string text;
  Datagram datagram;
};

inline std::vector<Received> receive_all(UdpSocket& socket, int limit = UdpSocket::kReceiveLimit) {
  std::vector<Received> heard;
  socket.receive(
      [&](const Datagram& datagram) {
        heard.push_back({{datagram.octets.begin(), datagram.octets.end()}, datagram});
        heard.back().datagram.octets = {};
      },
      limit);
  return heard;
}

// Waits for datagrams, and for transmit stamps, until there are as many as expected.
class Ears {
 public:
  Ears(Loop& loop, UdpSocket& socket) : loop_{loop} {
    auto poll = PollHandle::start(loop, socket.fd(), [this, &socket] {
      for (Received& each : receive_all(socket)) heard.push_back(std::move(each));
      socket.drain_transmit_stamps([this](const TransmitStamp& each) { stamps.push_back(each); });
    });
    REQUIRE(poll);
    poll_ = std::move(*poll);
  }
  bool hear(std::size_t count) {
    return run_until(loop_, [&] { return heard.size() >= count; });
  }
  bool wait_for_stamps(std::size_t count) {
    return run_until(loop_, [&] { return stamps.size() >= count; });
  }

  std::vector<Received> heard;
  std::vector<TransmitStamp> stamps;

 private:
  Loop& loop_;
  std::optional<PollHandle> poll_;
};

inline Octets octets_of(const std::string& text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

}  // namespace timecast
