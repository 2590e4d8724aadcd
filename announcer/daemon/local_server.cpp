// SPDX-License-Identifier: MIT
#include "announcer/daemon/local_server.hpp"

#include <timecast/wire/groups.hpp>

#include "common/host/host_clock.hpp"
#include "common/host/host_entropy.hpp"

namespace timecast {

namespace {

constexpr Duration kPatience = Duration::seconds(1);  // over loopback, on a busy host
constexpr Address kLoopback6{Family::ipv6, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}};

}  // namespace

Result<void> LocalServer::start() {
  servers_ = {Endpoint{Address::ipv4(127, 0, 0, 1), kPlainPort, 0},
              Endpoint{kLoopback6, kPlainPort, 0}};
  auto timer = DeadlineTimer::create(loop_, [this] { on_timer(); });
  if (!timer) return because(timer.error());
  timer_ = std::move(*timer);
  timer_->arm(boot_now());
  return {};
}

void LocalServer::look() {
  if (!waits_) timer_->arm(boot_now());
}

void LocalServer::on_clock_set() {
  kept_.distrust();
  look();
}

void LocalServer::on_timer() { waits_ ? go_on() : begin_round(); }

void LocalServer::begin_round() {
  round_began_ = boot_now();
  tried_ = 0;
  ask();
}

// The next one, or none.
void LocalServer::go_on() {
  waits_ = false;
  if (++tried_ == servers_.size()) {
    disbelief_.reset();  // of somebody who does not even answer any more
    return end_round();
  }
  which_ = (which_ + 1) % servers_.size();
  ask();
}

void LocalServer::end_round() {
  waits_ = false;
  has_looked_ = true;
  timer_->arm(round_began_ + kAskEvery);
  callbacks_.on_word();
}

void LocalServer::ask() {
  const Endpoint& server = servers_[which_];
  waits_ = true;
  socket_.reset();
  timer_->arm(boot_now());  // goes on at once if nobody can be asked here
  if (!callbacks_.may_ask(server.address)) return;
  UdpOptions options;
  options.bind_address = server.address;
  options.hear_icmp_errors = true;
  options.receive_buffer = 1 << 14;
  PolledSocket::Callbacks callbacks;
  callbacks.on_datagram = [this](UdpSocket&, const Datagram& d) { on_datagram(d); };
  callbacks.on_network_error = [this](int) {
    if (waits_) timer_->arm(boot_now());
  };
  auto socket = PolledSocket::open(loop_, options, std::move(callbacks));
  if (!socket) return;
  socket_ = std::move(*socket);
  exchange_ = {NtpTimestamp{host_entropy().word() | 1U}, realtime_now(), {}, {}};
  const HeaderOctets request = encode(minimal_request(exchange_.nonce));
  if ((*socket_)->send(request, server) == 0) timer_->arm(boot_now() + kPatience);
}

void LocalServer::on_datagram(const Datagram& datagram) {
  const Endpoint& server = servers_[which_];
  const bool is_from_there =
      datagram.from.address == server.address && datagram.from.port == server.port;
  if (!waits_ || !is_from_there) return;
  exchange_.received = datagram.stamp;
  exchange_.received_boot = boot_now();
  const auto word = read_local_answer(datagram.octets, exchange_);
  if (!word && word.error() == Disbelief::not_an_answer) return;
  disbelief_.reset();
  answered_ = server;
  if (word) {
    kept_.take(*word);
  } else {
    disbelief_ = word.error();
    kept_.forget();
  }
  end_round();
}

}  // namespace timecast
