// SPDX-License-Identifier: MIT
//
// Opening: every option with its reason. What happens while it runs: udp_messages.cpp.
#include "common/host/udp_socket.hpp"

#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

#include "common/host/low_port.hpp"
#include "common/host/socket_address.hpp"
#include "common/host/udp_inbox.hpp"
// After the C library's time types, which it uses.
#include <linux/net_tstamp.h>

namespace timecast {

namespace {

constexpr int kReceiveStamps = SOF_TIMESTAMPING_RX_SOFTWARE | SOF_TIMESTAMPING_SOFTWARE;
// Transmit stamps are asked for message by message; here only what they look like: a number and no
// copy of the datagram.
constexpr int kTransmitStamps =
    SOF_TIMESTAMPING_OPT_ID | SOF_TIMESTAMPING_OPT_TSONLY | SOF_TIMESTAMPING_OPT_CMSG;

// Of the card, in its own time, and of the kernel beside it.
constexpr int kHardwareStamps =
    SOF_TIMESTAMPING_RX_HARDWARE | SOF_TIMESTAMPING_RAW_HARDWARE | SOF_TIMESTAMPING_OPT_TX_SWHW;

constexpr std::string_view kAnotherInterface = "name an interface that is there and up";

bool is_wildcard(const Address& address) noexcept { return all_zero(address.octets); }

Error bind_error(const Endpoint& local, int reason) {
  const std::string what = "cannot bind " + to_string(local);
  Error plainly = system_error(what, reason);
  if (lacks_privilege(plainly, local.port)) {
    return Error{what + ": " + privilege_text(local.port), kExitFailed, reason};
  }
  switch (reason) {
    case EADDRINUSE:
      return system_error(
          what, reason,
          "see which program holds it: ss -lunp sport = :" + std::to_string(local.port));
    case EADDRNOTAVAIL: return system_error(what, reason, "this host has no such address now");
    case ENODEV:
    case EINVAL: return system_error(what, reason, "a link-local address needs its interface");
    default: return plainly;
  }
}

Error join_error(const Endpoint& group, int reason) {
  const std::string what = "cannot join " + to_string(group.address) + " on interface " +
                           std::to_string(group.interface);
  switch (reason) {
    case ENODEV: return system_error(what, reason, kAnotherInterface);
    case ENOBUFS:
      return system_error(what, reason, "raise the sysctl net.ipv4.igmp_max_memberships");
    case EINVAL: return system_error(what, reason, "it must be a multicast address");
    default: return system_error(what, reason);
  }
}

}  // namespace

UdpSocket::UdpSocket(const UdpOptions& options, const SocketCalls& calls)
    : options_{options}, calls_{calls} {}

UdpOptions hearing(const Endpoint& destination, bool is_loopback) {
  UdpOptions options;
  options.bind_address = destination.address;
  options.port = destination.port;
  options.interface = destination.interface;
  options.interface_is_loopback = is_loopback;
  options.reuse_address = true;
  options.hear_broadcast = !destination.address.is_multicast();
  if (destination.address.is_multicast()) options.join = destination.address;
  return options;
}

Result<UdpSocket> UdpSocket::open(const UdpOptions& options, const SocketCalls& calls) {
  const Endpoint local{options.bind_address, options.port, options.interface};
  if (is_wildcard(options.bind_address)) {
    return because(Error{"cannot bind " + to_string(local) +
                         ": a wildcard takes other servers' packets; name a group or an address"});
  }
  if (options.reuse_address && !options.hear_broadcast && options.bind_address.is_unicast()) {
    return because(Error{"cannot share " + to_string(local) +
                         ": packets for it go to one program; only a group can be shared"});
  }
  UdpSocket socket{options, calls};
  auto done = socket.open_bound();
  if (done) done = socket.choose_way_out();
  if (!done) return because(done.error());
  socket.ask_about_way_out();
  socket.ask_for_notes();
  if (options.kernel_stamps) socket.ask_for_stamps();
  socket.ask_for_buffer();
  // Last, so that the first datagram finds the socket as it shall be.
  done = socket.join_group();
  if (!done) return because(done.error());
  return socket;
}

Result<void> UdpSocket::open_bound() {
  const bool is_ipv6 = options_.bind_address.family == Family::ipv6;
  const Endpoint local{options_.bind_address, options_.port, options_.interface};
  fd_ = UniqueFd{
      calls_.socket(is_ipv6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
  const bool made = fd_ && (!is_ipv6 || set(IPPROTO_IPV6, IPV6_V6ONLY, 1) == 0) &&
                    (!options_.reuse_address || set(SOL_SOCKET, SO_REUSEADDR, 1) == 0) &&
                    (!options_.broadcast || set(SOL_SOCKET, SO_BROADCAST, 1) == 0);
  if (!made) return because(system_error("cannot open a socket for " + to_string(local), errno));
  // Else a socket hears all groups that any program of this host has joined. Old kernels do not
  // know the option for IPv6.
  set(IPPROTO_IP, IP_MULTICAST_ALL, 0);
  if (is_ipv6) set(IPPROTO_IPV6, IPV6_MULTICAST_ALL, 0);
  sockaddr_storage address{};
  const socklen_t length = to_socket_address(local, address);
  if (calls_.bind(fd_.get(), reinterpret_cast<const sockaddr*>(&address), length) != 0) {
    return because(bind_error(local, errno));
  }
  return {};
}

Result<void> UdpSocket::choose_way_out() {
  const int index = static_cast<int>(options_.interface);
  const int hops = options_.multicast_hops;
  const bool done = options_.bind_address.family == Family::ipv6
                        ? set(IPPROTO_IPV6, IPV6_MULTICAST_IF, index) == 0 &&
                              set(IPPROTO_IPV6, IPV6_MULTICAST_HOPS, hops) == 0
                        : set_ipv4_interface() == 0 && set(IPPROTO_IP, IP_MULTICAST_TTL, hops) == 0;
  if (done) return {};
  return because(system_error("cannot send multicast by interface " + std::to_string(index), errno,
                              kAnotherInterface));
}

int UdpSocket::set_ipv4_interface() noexcept {
  ip_mreqn by{};
  if (options_.interface_is_loopback) {
    by.imr_address.s_addr = htonl(INADDR_LOOPBACK);
  } else if (options_.interface != 0) {
    by.imr_ifindex = static_cast<int>(options_.interface);
  } else {
    return 0;
  }
  return calls_.set_option(fd_.get(), IPPROTO_IP, IP_MULTICAST_IF, &by, sizeof by);
}

void UdpSocket::ask_about_way_out() noexcept {
  // A packet that says what time it is must not wait in fragments for its rest.
  if (options_.bind_address.family == Family::ipv6) {
    set(IPPROTO_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_DO);
    if (options_.hear_icmp_errors) set(IPPROTO_IPV6, IPV6_RECVERR, 1);
    return;
  }
  set(IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DO);
  if (options_.hear_icmp_errors) set(IPPROTO_IP, IP_RECVERR, 1);
}

void UdpSocket::ask_for_notes() noexcept {
  if (!options_.notes) return;
  if (options_.bind_address.family == Family::ipv6) {
    abilities_.destination = set(IPPROTO_IPV6, IPV6_RECVPKTINFO, 1) == 0;
    abilities_.hop_limit = set(IPPROTO_IPV6, IPV6_RECVHOPLIMIT, 1) == 0;
    return;
  }
  abilities_.destination = set(IPPROTO_IP, IP_PKTINFO, 1) == 0;
  abilities_.hop_limit = set(IPPROTO_IP, IP_RECVTTL, 1) == 0;
}

void UdpSocket::ask_for_stamps() noexcept {
  // A stamp in the error queue must wake the loop as urgent data, not as an error, or libuv gives
  // the socket up. Where that cannot be had, no transmit stamp is worth a deaf socket.
  const bool wakes = set(SOL_SOCKET, SO_SELECT_ERR_QUEUE, 1) == 0;
  constexpr int kBoth = kReceiveStamps | kTransmitStamps;
  abilities_.hardware_stamps = wakes && options_.hardware_clock &&
                               set(SOL_SOCKET, SO_TIMESTAMPING, kBoth | kHardwareStamps) == 0;
  abilities_.transmit_stamps =
      abilities_.hardware_stamps || (wakes && set(SOL_SOCKET, SO_TIMESTAMPING, kBoth) == 0);
  abilities_.receive_stamps =
      abilities_.transmit_stamps || set(SOL_SOCKET, SO_TIMESTAMPING, kReceiveStamps) == 0 ||
      set(SOL_SOCKET, SO_TIMESTAMPNS, 1) == 0 || set(SOL_SOCKET, SO_TIMESTAMP, 1) == 0;
  if (abilities_.receive_stamps) abilities_.source = StampSource::kernel;
}

void UdpSocket::ask_for_buffer() noexcept {
  // Beyond the system's limit only with CAP_NET_ADMIN.
  if (set(SOL_SOCKET, SO_RCVBUFFORCE, options_.receive_buffer) != 0) {
    set(SOL_SOCKET, SO_RCVBUF, options_.receive_buffer);
  }
  int granted = 0;
  socklen_t length = sizeof granted;
  ::getsockopt(fd_.get(), SOL_SOCKET, SO_RCVBUF, &granted, &length);
  abilities_.receive_buffer = granted / 2;  // the kernel doubles it for its own accounts
}

Result<void> UdpSocket::join_group() {
  if (!options_.join) return {};
  const int failed = change_membership(true);
  if (failed == 0) return {};
  return because(join_error(Endpoint{*options_.join, 0, options_.interface}, failed));
}

int UdpSocket::change_membership(bool join) noexcept {
  const auto& octets = options_.join->octets;
  int done = 0;
  if (options_.join->family == Family::ipv6) {
    ipv6_mreq membership{};
    std::memcpy(&membership.ipv6mr_multiaddr, octets.data(), sizeof membership.ipv6mr_multiaddr);
    membership.ipv6mr_interface = options_.interface;
    done = calls_.set_option(fd_.get(), IPPROTO_IPV6, join ? IPV6_JOIN_GROUP : IPV6_LEAVE_GROUP,
                             &membership, sizeof membership);
  } else {
    ip_mreqn membership{};
    std::memcpy(&membership.imr_multiaddr, octets.data(), sizeof membership.imr_multiaddr);
    if (options_.interface_is_loopback) {
      membership.imr_address.s_addr = htonl(INADDR_LOOPBACK);
    } else {
      membership.imr_ifindex = static_cast<int>(options_.interface);
    }
    done = calls_.set_option(fd_.get(), IPPROTO_IP, join ? IP_ADD_MEMBERSHIP : IP_DROP_MEMBERSHIP,
                             &membership, sizeof membership);
  }
  return done == 0 ? 0 : errno;
}

int UdpSocket::leave() noexcept { return options_.join ? change_membership(false) : 0; }

int UdpSocket::join() noexcept { return options_.join ? change_membership(true) : 0; }

int UdpSocket::set(int level, int option, int value) noexcept {
  return calls_.set_option(fd_.get(), level, option, &value, sizeof value);
}

Endpoint UdpSocket::local() const noexcept {
  sockaddr_storage address{};
  socklen_t length = sizeof address;
  if (::getsockname(fd_.get(), reinterpret_cast<sockaddr*>(&address), &length) != 0) return {};
  return endpoint_from(address);
}

}  // namespace timecast
