// SPDX-License-Identifier: MIT
//
// Whether time comes from this host itself: from one who follows it, or from an announcer that runs
// on it. A clock that is kept by such time goes in a circle.
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
  [[nodiscard]] bool has(const Address& address) const noexcept;

 private:
  std::vector<ReferenceId> references_;
  std::vector<Address> addresses_;
};

}  // namespace timecast
