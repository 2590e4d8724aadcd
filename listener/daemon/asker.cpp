// SPDX-License-Identifier: MIT
#include "listener/daemon/asker.hpp"

#include <algorithm>

#include "common/host/attempts.hpp"
#include "common/host/host_clock.hpp"
#include "common/host/socket_address.hpp"
#include "listener/daemon/plan.hpp"

namespace timecast {

namespace {

// The core gives a query up after a second.
constexpr Duration kOverdue = Duration::seconds(2);

bool is_ours(const Address& address, const std::vector<ChosenInterface>& chosen) {
  for (const ChosenInterface& each : chosen) {
    for (const Prefix& prefix : each.interface.addresses) {
      if (prefix.address == address) return true;
    }
  }
  return false;
}

AskedBy asked_by(const Effect& query, std::uint32_t key) {
  const Header header = decode_header(query.octets.first<kHeaderOctets>());
  const bool has_field = key == 0 && query.octets.size() > kHeaderOctets;
  return {key, header.transmit, header.receive, has_field};
}

}  // namespace

void Asker::send(const Effect& query, const std::vector<ChosenInterface>& chosen,
                 std::uint32_t key) {
  const auto source = source_for(query.to, chosen);
  if (!source) {
    // That an interface has gone was said when it went.
    const bool is_there = std::any_of(chosen.begin(), chosen.end(), [&](const ChosenInterface& c) {
      return c.interface.index == query.to.interface;
    });
    if (is_there) note_failure(query.to, "this host has no address to ask it from");
    return;
  }
  // The reply of an announcer on this very host comes by loopback, whatever it announces by.
  ask(query, *source, is_ours(query.to.address, chosen), asked_by(query, key));
}

void Asker::ask(const Effect& query, const Endpoint& source, bool from_loopback,
                const AskedBy& asked) {
  UdpOptions options;
  options.bind_address = source.address;
  options.interface = source.interface;
  options.hear_icmp_errors = true;
  options.receive_buffer = 1 << 14;
  // What goes to this very host passes no card.
  if (callbacks_.clock_on && !from_loopback) {
    options.hardware_clock = callbacks_.clock_on(query.to.interface);
  }
  PolledSocket::Callbacks callbacks;
  callbacks.on_datagram = [this, to = query.to, from_loopback, asked](UdpSocket&,
                                                                      const Datagram& d) {
    Datagram reply = d;
    if (from_loopback && d.from.address == to.address) reply.from.interface = to.interface;
    failures_.erase(to);
    callbacks_.on_reply(reply, asked);
  };
  callbacks.on_stamp = [this](const TransmitStamp& s) { callbacks_.on_stamp(s.token, s.stamp); };
  auto socket = PolledSocket::open(loop_, options, std::move(callbacks));
  if (!socket) {
    if (!may_pass(socket.error())) note_failure(query.to, socket.error().text);
    return;
  }
  const Moment before = read_moment();
  const int failed = (*socket)->send(query.octets, query.to, query.token);
  if (failed != 0) return note_failure(query.to, reason_of(failed));
  callbacks_.on_sent(query.token, before);
  questions_.push_back({std::move(*socket), query.to, before.boot});
}

void Asker::note_failure(const Endpoint& to, const std::string& failure) {
  constexpr std::size_t kMostAnnouncers = 64;  // who asks more of them may hear of them again
  if (failures_.size() >= kMostAnnouncers) failures_.clear();
  std::string& told = failures_[to];
  if (told == failure) return;
  loop_.log(Level::warning, to_string(to) + " does not answer: " + failure);
  told = failure;
}

void Asker::close_old(Timestamp<Boot> now) {
  std::erase_if(questions_, [&](const Question& q) {
    if (now - q.asked <= kOverdue) return false;
    const int refused = q.socket->take_network_error();
    if (refused != 0) note_failure(q.to, reason_of(refused));
    return true;
  });
}

}  // namespace timecast
