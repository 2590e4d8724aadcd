// SPDX-License-Identifier: MIT
//
// A socket that hears one group, or broadcast address, on one interface, and that makes its
// membership anew where it has been silent for long: see GroupPatience.
//
// Errors:  what opening the socket says. Later none.
// Threads: the loop's. A callback must not destroy the socket that it is called for.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <timecast/wire/group_patience.hpp>

#include "common/host/polled_socket.hpp"

namespace timecast {

// What is heard, and where: "239.255.123.124 on eth0".
struct HeardGroup {
  Endpoint group;  // address, port, interface
  std::string interface_name;
  bool loopback = false;
};

// When the sender of an announcement will send its next one; nothing if it is none.
[[nodiscard]] std::optional<Duration> announced_interval(Octets octets) noexcept;

class GroupSocket {
 public:
  // `options`: hearing() of that group, and more.
  [[nodiscard]] static Result<GroupSocket> open(Loop& loop, HeardGroup heard,
                                                const UdpOptions& options,
                                                PolledSocket::Callbacks callbacks);

  [[nodiscard]] const UdpAbilities& abilities() const noexcept {
    return state_->socket->abilities();
  }
  // An announcement that counts has come.
  void heard(Timestamp<Boot> now, Duration interval);
  [[nodiscard]] const GroupPatience& patience() const noexcept { return state_->patience; }

 private:
  struct State {
    Loop& loop;
    HeardGroup heard;
    PolledSocket socket;
    GroupPatience patience;
    std::optional<DeadlineTimer> timer;  // none where nobody is told of memberships
    void on_deadline();
    void join();
    void tell_rhythm() const;
    void say(Level level, const std::string& text) const;
  };
  explicit GroupSocket(std::unique_ptr<State> state) noexcept : state_{std::move(state)} {}
  std::unique_ptr<State> state_;
};

}  // namespace timecast
