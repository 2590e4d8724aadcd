// SPDX-License-Identifier: MIT
//
// A UDP socket in its loop.
//
// Errors:  what opening the socket says.
// Threads: the loop's. A callback must not destroy the socket that it is called for.
#pragma once

#include <functional>
#include <memory>

#include "common/host/loop.hpp"
#include "common/host/udp_socket.hpp"

namespace timecast {

class PolledSocket {
 public:
  // Each may be left out.
  struct Callbacks {
    std::function<void(UdpSocket&, const Datagram&)> on_datagram;
    std::function<void(const TransmitStamp&)> on_stamp;
    std::function<void(int)> on_network_error{};  // see UdpOptions::hear_icmp_errors
    // In place of on_datagram: reads itself, by receive(). Whether anything was there. It may
    // pause the handle, if it resumes it.
    std::function<bool(UdpSocket&, PollHandle&)> on_readable;
  };

  [[nodiscard]] static Result<PolledSocket> open(Loop& loop, const UdpOptions& options,
                                                 Callbacks callbacks);
  [[nodiscard]] UdpSocket& operator*() const noexcept { return state_->socket; }
  [[nodiscard]] UdpSocket* operator->() const noexcept { return &state_->socket; }

 private:
  struct State {
    UdpSocket socket;
    Callbacks callbacks;
    std::unique_ptr<PollHandle> poll;  // goes before the socket that it polls
    void on_ready();
    bool read();
    void drain();
  };
  explicit PolledSocket(std::unique_ptr<State> state) noexcept : state_{std::move(state)} {}
  std::unique_ptr<State> state_;
};

}  // namespace timecast
