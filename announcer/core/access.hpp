// SPDX-License-Identifier: MIT
//
// Who may ask: everybody who is on a link of this host, and whom the operator names.
//
// Builds:  freestanding.
#pragma once

#include <array>
#include <cstddef>

#include <timecast/wire/endpoint.hpp>

namespace timecast {

class AccessList {
 public:
  static constexpr std::size_t kCapacity = 256;

  void clear() noexcept { count_ = 0; }
  // False if the list is full.
  [[nodiscard]] bool allow(const Prefix& prefix) noexcept {
    if (count_ == kCapacity) return false;
    prefixes_[count_++] = prefix;
    return true;
  }
  [[nodiscard]] bool allows(const Address& address) const noexcept {
    for (std::size_t i = 0; i < count_; ++i) {
      if (prefixes_[i].contains(address)) return true;
    }
    return false;
  }

 private:
  std::array<Prefix, kCapacity> prefixes_{};
  std::size_t count_ = 0;
};

}  // namespace timecast
