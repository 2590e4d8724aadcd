// SPDX-License-Identifier: MIT
#include "common/host/attempts.hpp"

#include <cerrno>
#include <utility>

namespace timecast {

bool may_pass(const Error& error) noexcept {
  const int reason = error.errno_value;
  return reason == EADDRNOTAVAIL || reason == ENODEV || reason == ENETDOWN;
}

bool Attempts::failed(const Error& error, Timestamp<Boot> now) {
  constexpr Duration kLasting = Duration::seconds(5);
  if (error.text != error_.text) {
    error_ = error;
    since_ = now;
    is_told_ = false;
  }
  if (is_told_ || (may_pass(error) && now - since_ < kLasting)) return false;
  is_told_ = true;
  return true;
}

bool Attempts::succeeded() {
  error_ = {};
  return std::exchange(is_told_, false);
}

}  // namespace timecast
