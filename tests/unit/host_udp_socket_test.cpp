// SPDX-License-Identifier: MIT
#include "common/host/udp_socket.hpp"

#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <iostream>
#include <optional>
#include <string>
#include <utility>

#include "common/host/low_port.hpp"
#include "tests/unit/host_udp.hpp"

using namespace timecast;

namespace {

Address address(const char* text) {
  const auto parsed = parse_address(text);
  REQUIRE(parsed);
  return *parsed;
}

std::string refusal(const UdpOptions& options, const SocketCalls& calls = kKernelSocketCalls) {
  const auto socket = UdpSocket::open(options, calls);
  return socket ? "nothing was refused" : socket.error().text;
}

std::string text_of(const UdpSocket& socket) { return to_string(socket.local()); }

// What the kernel would say, but cannot be brought to say here.
int refuse_with(int error) noexcept {
  errno = error;
  return -1;
}
template <int Reason>
int refused_bind(int /*fd*/, const sockaddr* /*address*/, socklen_t /*length*/) noexcept {
  return refuse_with(Reason);
}
template <int Reason>
int refused_join(int fd, int level, int option, const void* value, socklen_t length) noexcept {
  if (level == IPPROTO_IP && option == IP_ADD_MEMBERSHIP) return refuse_with(Reason);
  return ::setsockopt(fd, level, option, value, length);
}

}  // namespace

TEST_CASE("host udp socket: it has the address asked for and a port of its own") {
  const UdpSocket one = opened(unicast_options());
  const UdpSocket other = opened(unicast_options());
  CHECK(one.local().address == kHere);
  CHECK(one.local().port != 0);
  CHECK(one.local().port != other.local().port);
}

TEST_CASE("host udp socket: a wildcard is refused") {
  const std::string reason =
      ": a wildcard takes other servers' packets; name a group or an address";
  const std::pair<Address, const char*> rows[] = {{address("0.0.0.0"), "0.0.0.0:123"},
                                                  {address("::"), "[::]:123"},
                                                  {Address{}, "no address:123"}};
  for (const auto& [wildcard, text] : rows) {
    UdpOptions options = unicast_options();
    options.bind_address = wildcard;
    options.port = 123;
    CHECK(refusal(options) == std::string{"cannot bind "} + text + reason);
  }
}

TEST_CASE("host udp socket: only a group can be shared") {
  UdpOptions options = unicast_options();
  options.port = 11'123;
  options.reuse_address = true;
  for (const bool broadcast : {false, true}) {
    options.broadcast = broadcast;
    CHECK(refusal(options) ==
          "cannot share 127.0.0.1:11123: packets for it go to one program; only a group can be "
          "shared");
  }
  const UdpSocket one = opened(group_options());
  const UdpSocket other = opened(group_options(one.local().port));
  CHECK(one.local() == other.local());
}

TEST_CASE("host udp socket: a broadcast address is shared, and heard on its own interface alone") {
  constexpr std::uint32_t kAnother = 12'345;
  UdpOptions options = unicast_options();
  options.bind_address = Address::ipv4(127, 255, 255, 255);
  options.reuse_address = true;
  options.hear_broadcast = true;
  UdpSocket one = opened(options);
  options.port = one.local().port;
  UdpSocket other = opened(options);
  options.interface = kAnother;
  UdpSocket elsewhere = opened(options);
  UdpOptions unicast = unicast_options();
  unicast.broadcast = true;
  UdpSocket sender = opened(unicast);
  unicast.port = options.port;
  UdpSocket server = opened(unicast);  // whom the broadcasts leave alone

  Loop loop;
  Ears ears{loop, one};
  CHECK(sender.send(octets_of("to all"), {options.bind_address, options.port, 0}) == 0);
  CHECK(sender.send(octets_of("to one"), {kHere, options.port, 0}) == 0);
  REQUIRE(ears.hear(1));
  CHECK(ears.heard[0].text == "to all");
  CHECK(ears.heard[0].datagram.to == options.bind_address);
  CHECK(receive_all(other).size() == 1);
  CHECK(receive_all(elsewhere).empty());
  const auto served = receive_all(server);
  REQUIRE(served.size() == 1);
  CHECK(served[0].text == "to one");
  CHECK(receive_all(one).empty());
}

TEST_CASE("host udp socket: an address that another socket has is refused with the way to it") {
  const UdpSocket first = opened(unicast_options());
  UdpOptions options = unicast_options();
  options.port = first.local().port;
  CHECK(refusal(options) == "cannot bind " + text_of(first) +
                                ": address already in use; see which program holds it: ss -lunp "
                                "sport = :" +
                                std::to_string(options.port));
}

TEST_CASE("host udp socket: what cannot be bound is an error with the reason and the way out") {
  struct Row {
    Address address;
    SocketCalls calls;
    std::string text;
    std::uint16_t port = 11'123;
  };
  const auto refused_with = [](auto* bind) {
    SocketCalls calls = kKernelSocketCalls;
    calls.bind = bind;
    return calls;
  };
  const Row rows[] = {
      {address("203.0.113.7"), kKernelSocketCalls,
       "cannot bind 203.0.113.7:11123: cannot assign requested address; this host has no such "
       "address now"},
      {address("fe80::1"), refused_with(refused_bind<EINVAL>),
       "cannot bind [fe80::1]:11123: invalid argument; a link-local address needs its interface"},
      {kHere, refused_with(refused_bind<EACCES>),
       "cannot bind 127.0.0.1:123: " + privilege_text(123), 123},
      {kHere, refused_with(refused_bind<EACCES>), "cannot bind 127.0.0.1:11123: permission denied"},
      {kHere, refused_with(refused_bind<ENOMEM>),
       "cannot bind 127.0.0.1:11123: cannot allocate memory"},
  };
  for (const Row& row : rows) {
    UdpOptions options;
    options.bind_address = row.address;
    options.port = row.port;
    CHECK(refusal(options, row.calls) == row.text);
  }
}

TEST_CASE("host udp socket: a group that cannot be joined is an error with the way out") {
  UdpOptions no_group = group_options();
  no_group.join = kHere;
  CHECK(refusal(no_group) == "cannot join 127.0.0.1 on interface " +
                                 std::to_string(loopback_index()) +
                                 ": invalid argument; it must be a multicast address");

  UdpOptions no_interface = group_options();
  no_interface.interface_is_loopback = false;
  no_interface.interface = 999'999;
  const std::string text = refusal(no_interface);
  CHECK(text.ends_with("; name an interface that is there and up"));
  CHECK(text.find("999999") != std::string::npos);

  SocketCalls calls = kKernelSocketCalls;
  calls.set_option = refused_join<ENOBUFS>;
  CHECK(refusal(group_options(), calls) ==
        "cannot join 239.255.77.1 on interface " + std::to_string(loopback_index()) +
            ": no buffer space available; raise the sysctl net.ipv4.igmp_max_memberships");
}

TEST_CASE("host udp socket: this kernel grants everything, or says what it does not grant") {
  const UdpSocket socket = opened(unicast_options());
  CHECK(socket.abilities().receive_stamps);
  CHECK(socket.abilities().transmit_stamps);
  CHECK(socket.abilities().destination);
  CHECK(socket.abilities().hop_limit);
  CHECK(socket.abilities().receive_buffer > 0);

  UdpOptions options = unicast_options();
  options.kernel_stamps = false;
  const UdpSocket without = opened(options);
  CHECK_FALSE(without.abilities().receive_stamps);
  CHECK_FALSE(without.abilities().transmit_stamps);
}

TEST_CASE("host udp socket: only a socket that may broadcast can") {
  const Endpoint everybody{Address::ipv4(127, 255, 255, 255), 11'123, 0};  // of the loopback net
  UdpOptions options = unicast_options();
  UdpSocket no_broadcast = opened(options);
  CHECK(no_broadcast.send(octets_of("x"), everybody) == EACCES);
  options.broadcast = true;
  UdpSocket broadcast = opened(options);
  CHECK(broadcast.send(octets_of("x"), everybody) == 0);
}

TEST_CASE("host udp socket: a broadcast leaves by its interface, with the hops of multicast") {
  const Address everybody = Address::ipv4(127, 255, 255, 255);
  Loop loop;
  UdpOptions listening = unicast_options();
  listening.bind_address = everybody;
  UdpSocket listener = opened(listening);
  Ears ears{loop, listener};
  UdpOptions options = unicast_options();
  options.broadcast = true;
  options.multicast_hops = 1;
  UdpSocket sender = opened(options);
  Ears stamps{loop, sender};
  const Endpoint to{everybody, listener.local().port, loopback_index()};
  REQUIRE(sender.send_broadcast(octets_of("hello"), to, kHere, 7) == 0);
  REQUIRE(ears.hear(1));
  CHECK(ears.heard[0].text == "hello");
  CHECK(ears.heard[0].datagram.from.address == kHere);
  CHECK(ears.heard[0].datagram.from.port == sender.local().port);
  CHECK(ears.heard[0].datagram.hop_limit == 1);
  REQUIRE(stamps.wait_for_stamps(1));
  CHECK(stamps.stamps[0].token == 7);
  // Even where the routes would take another one.
  options.interface = loopback_index() + 1'000;
  options.interface_is_loopback = true;
  UdpSocket elsewhere = opened(options);
  CHECK(elsewhere.send_broadcast(octets_of("x"), to, kHere) != 0);
}

TEST_CASE("host udp socket: a group is heard where it was joined") {
  Loop loop;
  UdpOptions options = group_options();
  options.multicast_hops = 255;
  UdpSocket listener = opened(options);
  UdpSocket sender = opened([] {
    UdpOptions sender_options = unicast_options();
    sender_options.multicast_hops = 255;
    return sender_options;
  }());
  Ears ears{loop, listener};
  REQUIRE(sender.send(octets_of("hello"), listener.local()) == 0);
  REQUIRE(ears.hear(1));
  CHECK(ears.heard[0].text == "hello");
  CHECK(ears.heard[0].datagram.from.address == kHere);
  CHECK(ears.heard[0].datagram.from.port == sender.local().port);
  CHECK(ears.heard[0].datagram.to == kGroup);
  CHECK(ears.heard[0].datagram.interface == loopback_index());
  CHECK(ears.heard[0].datagram.hop_limit == 255);
}

TEST_CASE("host udp socket: a group that only another socket has joined is not heard") {
  Loop loop;
  UdpSocket member = opened(group_options());
  UdpOptions options = group_options(member.local().port);
  options.join = std::nullopt;
  UdpSocket no_member = opened(options);
  Ears ears{loop, member};
  // When the second is there, the first has been handed to all who get it.
  for (const char* text : {"first", "second"}) {
    REQUIRE(member.send(octets_of(text), member.local()) == 0);
  }
  REQUIRE(ears.hear(2));
  CHECK(receive_all(no_member).empty());
}

TEST_CASE("host udp socket: what comes by another interface than that of the join is dropped") {
  Loop loop;
  UdpOptions options = group_options();
  options.interface = loopback_index() + 1;  // joined by address all the same
  UdpSocket stranger = opened(options);
  UdpSocket member = opened(group_options(stranger.local().port));
  Ears ears{loop, member};
  for (const char* text : {"first", "second"}) {
    REQUIRE(member.send(octets_of(text), member.local()) == 0);
  }
  REQUIRE(ears.hear(2));
  CHECK(receive_all(stranger).empty());
}

TEST_CASE("host udp socket: the group is heard until it is left, and after joining again") {
  Loop loop;
  UdpSocket listener = opened(group_options());
  CHECK(listener.leave() == 0);
  REQUIRE(listener.send(octets_of("lost"), listener.local()) == 0);
  CHECK(listener.join() == 0);
  Ears ears{loop, listener};
  REQUIRE(listener.send(octets_of("hello"), listener.local()) == 0);
  CHECK(ears.hear(1));

  UdpSocket no_member = opened(unicast_options());
  CHECK(no_member.leave() == 0);
  CHECK(no_member.join() == 0);
}

TEST_CASE("host udp socket: joining again says if the interface has gone") {
  static bool has_gone = false;
  SocketCalls calls = kKernelSocketCalls;
  calls.set_option = [](int fd, int level, int option, const void* value,
                        socklen_t length) noexcept {
    const auto set_option = has_gone ? refused_join<ENODEV> : ::setsockopt;
    return set_option(fd, level, option, value, length);
  };
  UdpSocket socket = opened(group_options(), calls);
  has_gone = true;
  socket.leave();
  CHECK(socket.join() == ENODEV);
  has_gone = false;
  socket.leave();
  CHECK(socket.join() == 0);
}

TEST_CASE("host udp socket: IPv6 works as IPv4 does") {
  UdpOptions options;
  options.bind_address = address("::1");
  const auto bound = UdpSocket::open(options);
  if (!bound) {
    std::cout << "skipped: host udp socket: IPv6 works as IPv4 does: " << bound.error().text
              << '\n';
    return;
  }
  Loop loop;
  UdpSocket receiver = opened(options);
  UdpSocket sender = opened(options);
  Ears ears{loop, receiver};
  REQUIRE(sender.send(octets_of("hello"), receiver.local()) == 0);
  REQUIRE(ears.hear(1));
  CHECK(ears.heard[0].text == "hello");
  CHECK(ears.heard[0].datagram.from.address == address("::1"));
  CHECK(ears.heard[0].datagram.from.port == sender.local().port);
  CHECK(ears.heard[0].datagram.to == address("::1"));
  CHECK(ears.heard[0].datagram.interface == loopback_index());
  CHECK(ears.heard[0].datagram.hop_limit);
}
