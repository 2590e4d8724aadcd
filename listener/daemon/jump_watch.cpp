// SPDX-License-Identifier: MIT
#include "listener/daemon/jump_watch.hpp"

#include <algorithm>

namespace timecast {

std::optional<Duration> JumpWatch::look(Duration ahead, Timestamp<Boot> at) noexcept {
  if (!edge_) {
    restart(ahead, at);
    return std::nullopt;
  }
  const Duration drift = kDrift.over(std::max(at - at_, Duration{}));
  const Duration moved = ahead - *edge_;
  const bool is_back = moved < -(kJump + drift);
  if (is_back) {
    const bool agrees = behind_count_ > 0 && magnitude(ahead - behind_) <= kJump / 2;
    behind_count_ = agrees ? behind_count_ + 1 : 1;
    behind_ = ahead;
  }
  if (moved > kJump + drift || (is_back && behind_count_ == kAgreeing)) return restart(ahead, at);
  if (!is_back) behind_count_ = 0;
  edge_ = std::max(*edge_ - drift, is_back ? Duration::min() : ahead);
  at_ = at;
  return std::nullopt;
}

Duration JumpWatch::restart(Duration ahead, Timestamp<Boot> at) noexcept {
  const Duration moved = edge_ ? ahead - *edge_ : Duration{};
  edge_ = ahead;
  at_ = at;
  behind_count_ = 0;
  return moved;
}

}  // namespace timecast
