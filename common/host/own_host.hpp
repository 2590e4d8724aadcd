// SPDX-License-Identifier: MIT
//
// Whether a packet comes from this host itself, or from one who follows it: a clock that is kept by
// such time goes in a circle, and an announcer's own packets come back to it.
//
// Threads: any.
#pragma once

#include <vector>

#include "common/host/interfaces.hpp"
#include "common/host/reference_id.hpp"

namespace timecast {

class OwnHost {
 public:
  // Its addresses have changed.
  void set(const std::vector<Interface>& interfaces);
  // By its reference id.
  [[nodiscard]] bool is_followed_by(Octets packet) const noexcept {
    return follows_any(packet, references_);
  }
  // A link-local address is another host's on another link.
  [[nodiscard]] bool has(const Endpoint& sender) const noexcept;

 private:
  std::vector<ReferenceId> references_;
  std::vector<Endpoint> addresses_;  // without ports
};

}  // namespace timecast
