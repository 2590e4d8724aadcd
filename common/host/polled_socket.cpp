// SPDX-License-Identifier: MIT
#include "common/host/polled_socket.hpp"

namespace timecast {

Result<PolledSocket> PolledSocket::open(Loop& loop, const UdpOptions& options,
                                        Callbacks callbacks) {
  auto socket = UdpSocket::open(options);
  if (!socket) return because(socket.error());
  auto state = std::make_unique<State>(State{std::move(*socket), std::move(callbacks), nullptr});
  State* const self = state.get();
  auto poll = PollHandle::start(loop, self->socket.fd(), [self] { self->on_ready(); });
  if (!poll) return because(poll.error());
  self->poll = std::make_unique<PollHandle>(std::move(*poll));
  return PolledSocket{std::move(state)};
}

// Stamps before datagrams: a query's departure is known before its reply is looked at. Where none
// is under way the kernel is not asked for one, unless that is what it has woken us for.
void PolledSocket::State::on_ready() {
  const bool awaited = socket.awaits_stamps();
  if (awaited) drain();
  if (!read() && !awaited) drain();
}

bool PolledSocket::State::read() {
  if (callbacks.on_readable) return callbacks.on_readable(socket, *poll);
  return socket.receive([this](const Datagram& datagram) {
    if (callbacks.on_datagram) callbacks.on_datagram(socket, datagram);
  }) != 0;
}

void PolledSocket::State::drain() {
  socket.drain_transmit_stamps([this](const TransmitStamp& stamp) {
    if (callbacks.on_stamp) callbacks.on_stamp(stamp);
  });
  if (!callbacks.on_network_error) return;
  if (const int error = socket.take_network_error(); error != 0) callbacks.on_network_error(error);
}

}  // namespace timecast
