// SPDX-License-Identifier: MIT
#include "listener/daemon/server_question.hpp"

#include <netdb.h>
#include <sys/socket.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <memory>
#include <utility>

#include "common/host/host_clock.hpp"
#include "common/host/host_entropy.hpp"
#include "common/host/polled_socket.hpp"
#include "common/host/program.hpp"
#include "common/host/seconds_text.hpp"
#include "common/host/signing_key.hpp"
#include "common/host/socket_address.hpp"

namespace timecast {

namespace {

constexpr Duration kPatience = Duration::seconds(1);
constexpr int kAttempts = 3;
constexpr std::size_t kMostServers = 4;

struct FreeAddresses {
  void operator()(addrinfo* list) const noexcept { ::freeaddrinfo(list); }
};
using AddressList = std::unique_ptr<addrinfo, FreeAddresses>;

std::string lookup_failure(int failed) {
  if (failed == EAI_SYSTEM) return reason_of(errno);
  std::string reason = ::gai_strerror(failed);
  if (!reason.empty()) {
    reason[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(reason[0])));
  }
  return reason;
}

Endpoint endpoint_of(const addrinfo& row, std::uint16_t port) {
  sockaddr_storage storage{};
  std::memcpy(&storage, row.ai_addr, std::min<std::size_t>(row.ai_addrlen, sizeof storage));
  Endpoint server = endpoint_from(storage);
  server.port = port;
  return server;
}

std::string_view way_to_reach(int reason, const Endpoint& server) {
  if (needs_interface(server.address) && server.interface == 0) {
    return "a link-local address needs its interface: fe80::1%eth0";
  }
  if (reason == ENETUNREACH || reason == EHOSTUNREACH) return "see the routes: ip route";
  if (reason == EPERM) return "see this host's packet filter";
  if (reason == EACCES) return "it is a broadcast address, or a route forbids it";
  return "";
}

Error unreachable(const Endpoint& server, int reason) {
  return system_error("cannot reach " + to_string(server), reason, way_to_reach(reason, server));
}

// 0 or an errno value.
int connect_to(int fd, const Endpoint& server) {
  sockaddr_storage address{};
  const socklen_t length = to_socket_address(server, address);
  return ::connect(fd, reinterpret_cast<const sockaddr*>(&address), length) == 0 ? 0 : errno;
}

// The address of ours that the system would ask this server from.
Result<Endpoint> source_towards(const Endpoint& server) {
  const int family = server.address.family == Family::ipv6 ? AF_INET6 : AF_INET;
  const UniqueFd fd{::socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
  int failed = fd ? connect_to(fd.get(), server) : errno;
  sockaddr_storage local{};
  socklen_t length = sizeof local;
  if (failed == 0 && ::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&local), &length) != 0) {
    failed = errno;
  }
  if (failed != 0) return because(unreachable(server, failed));
  Endpoint source = endpoint_from(local);
  source.port = 0;
  if (source.interface == 0) source.interface = server.interface;
  return source;
}

// Asks one server until it answers or patience ends.
class Question {
 public:
  using MakeRequest = std::vector<std::uint8_t> (*)(const Entropy& entropy);

  Question(const Endpoint& server, MakeRequest make_request)
      : server_{server}, make_request_{make_request} {}

  Result<ServerExchange> ask(int attempts) {
    const auto source = source_towards(server_);
    if (!source) return because(source.error());
    auto timer = DeadlineTimer::create(loop_, [this] { loop_.stop(); });
    if (!timer) return because(timer.error());
    int network_error = 0;
    for (int i = 0; i < attempts && !has_answer() && network_error == 0; ++i) {
      if (i > 0) say_meanwhile("no answer from " + to_string(server_) + " yet; asking again");
      timer->arm(boot_now() + kPatience);
      if (const auto sent = send_from(*source); !sent) return because(sent.error());
      loop_.run();
      network_error = (*socket_)->take_network_error();
    }
    if (exchange_) return *exchange_;
    return because(silence(network_error, attempts));
  }

 private:
  [[nodiscard]] bool has_answer() const { return exchange_ && exchange_->result; }

  Result<void> send_from(const Endpoint& source) {
    UdpOptions options;
    options.bind_address = source.address;
    options.interface = source.interface;
    options.hear_icmp_errors = true;
    PolledSocket::Callbacks callbacks;
    callbacks.on_datagram = [this](UdpSocket&, const Datagram& d) { on_datagram(d); };
    callbacks.on_stamp = [this](const TransmitStamp& s) {
      request_.at = s.stamp;
      request_.kernel_stamp = true;
    };
    auto socket = PolledSocket::open(loop_, options, std::move(callbacks));
    if (!socket) return because(socket.error());
    socket_ = std::move(*socket);
    int failed = connect_to((*socket_)->fd(), server_);
    request_ = {make_request_(host_entropy()), realtime_now(), false};
    if (failed == 0) failed = (*socket_)->send(request_.octets, server_, 1);
    if (failed == 0) return {};
    return because(unreachable(server_, failed));
  }

  // What does not answer is kept as well, but an answer is waited for: somebody may forge packets.
  void on_datagram(const Datagram& d) {
    if (has_answer()) return;
    auto result = read_reply(request_.octets, d.octets, {request_.at, d.stamp}, openssl_verifier());
    PassedPacket reply{{d.octets.begin(), d.octets.end()}, d.stamp, d.source != StampSource::user};
    exchange_ = ServerExchange{server_, request_, std::move(reply), result};
    if (has_answer()) loop_.stop();
  }

  Error silence(int network_error, int attempts) {
    const std::string server = to_string(server_);
    if (network_error == ECONNREFUSED) {
      return Error{server + " refuses: no NTP server listens on that port; name another by --port"};
    }
    if (network_error != 0) return unreachable(server_, network_error);
    return Error{"no answer from " + server + " in " + seconds_text(kPatience * attempts) +
                 ", asked " + std::to_string(attempts) +
                 " times; is an NTP server there, and do packet filters let its answer through?"};
  }

  Endpoint server_;
  MakeRequest make_request_;
  Loop loop_;
  std::optional<PolledSocket> socket_;
  PassedPacket request_;
  std::optional<ServerExchange> exchange_;
};

}  // namespace

Result<std::vector<Endpoint>> find_servers(const std::string& host, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_DGRAM;
  addrinfo* first = nullptr;
  hints.ai_flags = AI_NUMERICHOST;
  int failed = ::getaddrinfo(host.c_str(), nullptr, &hints, &first);
  if (failed != 0) {
    say_meanwhile("looking up " + host);
    hints.ai_flags = 0;
    failed = ::getaddrinfo(host.c_str(), nullptr, &hints, &first);
  }
  if (failed != 0) {
    return because(Error{"cannot find \"" + host + "\": " + lookup_failure(failed) +
                         "; write a name or an address, and its port behind --port"});
  }
  const AddressList list{first};
  std::vector<Endpoint> servers;
  for (const addrinfo* row = first; row != nullptr && servers.size() < kMostServers;
       row = row->ai_next) {
    const Endpoint server = endpoint_of(*row, port);
    if (server.address.is_unicast()) servers.push_back(server);
  }
  if (!servers.empty()) return servers;
  return because(Error{"cannot ask \"" + host + "\": it is no address of one host; name a server"});
}

Result<ServerExchange> ask_any(const std::vector<Endpoint>& servers) {
  std::optional<ServerExchange> refused;
  std::string failures;
  for (const Endpoint& server : servers) {
    auto exchange = Question{server, plain_request}.ask(kAttempts);
    if (!exchange) {
      failures.append(failures.empty() ? "" : ", and ").append(exchange.error().text);
      continue;
    }
    if (exchange->result) return exchange;
    refused = std::move(*exchange);
  }
  if (refused) return *refused;
  return because(Error{failures});
}

Result<ServerExchange> challenge(const Endpoint& server) {
  return Question{server, challenge_request}.ask(1);
}

}  // namespace timecast
