// SPDX-License-Identifier: MIT
//
// Tries to open a socket, which go on until one succeeds: when a failure is worth a word.
//
// Threads: one.
#pragma once

#include <timecast/time/timestamp.hpp>

#include "common/host/error.hpp"

namespace timecast {

// Whether a failure belongs to an address or interface that is just coming or going, and passes
// without anybody's doing. A new IPv6 address cannot be bound until the kernel knows that nobody
// else has it.
[[nodiscard]] bool may_pass(const Error& error) noexcept;

class Attempts {
 public:
  // Returns whether to tell: each reason once, and what may pass only when it has lasted.
  [[nodiscard]] bool failed(const Error& error, Timestamp<Boot> now);
  // Returns whether a failure was told before.
  bool succeeded();
  // Why the last one failed; without a text if none did.
  [[nodiscard]] const Error& error() const noexcept { return error_; }

 private:
  Error error_;
  Timestamp<Boot> since_;  // of this error
  bool is_told_ = false;
};

}  // namespace timecast
