// SPDX-License-Identifier: MIT
//
// Looks after the listener's core, at each datagram that it has had, for what becomes of keys: one
// is trusted on first use, one is endorsed by a key that is trusted, one is a stranger.
//
// First use is the core's (listener/core/keyring.cpp); this repeats its rule to keep what it
// learns.
//
// Errors:  none.
// Threads: one.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include <timecast/listener/config.hpp>
#include <timecast/listener/status.hpp>
#include <timecast/time/token_bucket.hpp>
#include <timecast/wire/announcement.hpp>

#include "listener/daemon/key_book.hpp"
#include "listener/daemon/signature_guard.hpp"

namespace timecast {

enum class KeyEvent : std::uint8_t {
  pinned,    // on first use: it has proved to be alive
  endorsed,  // a key that is trusted says so
  stranger,  // it signs well, and nobody here trusts it
};

struct KeyNews {
  KeyEvent event = KeyEvent::pinned;
  PublicKey key{};
  PublicKey endorser{};
  [[nodiscard]] BookedKey booked() const noexcept;  // REQUIRES: no stranger
};

class KeyWatch {
 public:
  explicit KeyWatch(SignatureGuard& guard) noexcept : guard_{guard} {}

  // The core begins anew with these keys.
  void restart(const ListenerConfig& config);

  // The core has had the datagram and says so of itself now. `guard` has checked its signature, or
  // has not.
  [[nodiscard]] std::optional<KeyNews> look(Octets octets, Timestamp<Boot> now,
                                            const ListenerStatus& after);
  [[nodiscard]] const std::vector<PublicKey>& trusted() const noexcept { return trusted_; }

 private:
  [[nodiscard]] std::optional<KeyNews> on_accepted(const SignatureGuard::Passed& passed,
                                                   Timestamp<Boot> now);
  [[nodiscard]] std::optional<KeyNews> on_stranger(Octets octets, Timestamp<Boot> now);
  [[nodiscard]] bool is_trusted(const PublicKey& key) const;
  [[nodiscard]] bool first_use_open(Timestamp<Boot> now) const;
  [[nodiscard]] bool proves(const SignatureGuard::Passed& passed);

  SignatureGuard& guard_;
  std::vector<PublicKey> trusted_;
  bool learns_ = false;
  bool listen_only_ = false;
  std::size_t learnt_ = 0;
  std::optional<Timestamp<Boot>> first_heard_;
  PublicKey last_{};  // that announced, and how often in a row
  int in_a_row_ = 0;
  std::vector<PublicKey> told_;  // strangers
  TokenBucket looks_;
  std::uint64_t measured_ = 0;
  std::uint32_t unknown_ = 0;
};

}  // namespace timecast
