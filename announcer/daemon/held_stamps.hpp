// SPDX-License-Identifier: MIT
//
// The core takes the first stamp of a packet and no other. Where the card's own may still come, the
// kernel's is held until then, or until the core needs it.
//
// Threads: one.
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "common/host/udp_socket.hpp"

namespace timecast {

class HeldStamps {
 public:
  // What the core is to be given now: nothing if a better one may come.
  [[nodiscard]] std::optional<TransmitStamp> on_stamp(const TransmitStamp& stamp) {
    std::erase_if(held_, [&](const TransmitStamp& held) { return held.token == stamp.token; });
    if (!stamp.better_may_come) return stamp;
    held_.push_back(stamp);
    return std::nullopt;
  }
  // No longer held: before a packet is written.
  [[nodiscard]] std::vector<TransmitStamp> take_all() noexcept { return std::exchange(held_, {}); }

 private:
  std::vector<TransmitStamp> held_;  // as many as are sent between two packets
};

}  // namespace timecast
