// SPDX-License-Identifier: MIT
//
// Whose signatures count: the configured keys; without any, on first use, the first four that
// proved to be alive within ten minutes of the first announcement. As long as none did, every key
// may still be the first.
//
// Builds:  freestanding.
#pragma once

#include <optional>

#include <timecast/listener/config.hpp>

namespace timecast {

class Keyring {
 public:
  // Keeps what it learns among the configuration's keys: whoever reads that sees whether any count.
  explicit Keyring(ListenerConfig& config) noexcept;

  // Whether announcements of this key may be followed at all.
  [[nodiscard]] bool accepts(const PublicKey& key, Timestamp<Boot> now) const noexcept;
  [[nodiscard]] bool is_pinned(const PublicKey& key) const noexcept;

  // An announcement whose signature holds was heard: the first one opens the time of first use.
  void on_announcement(Timestamp<Boot> now) noexcept;
  // The key has answered a challenge (listen-only: three of its announcements agree). Pins it if
  // first use still lasts.
  void on_proof(const PublicKey& key, Timestamp<Boot> now) noexcept;

 private:
  [[nodiscard]] bool first_use_open(Timestamp<Boot> now) const noexcept;

  ListenerConfig& config_;
  std::size_t learnt_ = 0;
  std::optional<Timestamp<Boot>> first_heard_;
};

}  // namespace timecast
