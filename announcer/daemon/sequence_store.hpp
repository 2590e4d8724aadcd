// SPDX-License-Identifier: MIT
//
// Keeps announcement sequences strictly increasing across restarts: what may have been used is
// reserved on disk, a block at a time, before it is used.
//
// The first sequence is the larger of the reservation and the Unix time in microseconds, so that a
// lost or restored state directory repeats nothing either, as long as the clock is about right.
//
// Errors:  an Error that names the file. An unreadable reservation is one; a missing one is not.
// Threads: one.
#pragma once

#include <cstdint>
#include <string>

#include <timecast/time/timestamp.hpp>

#include "common/host/error.hpp"

namespace timecast {

class SequenceStore {
 public:
  // Reserves the first block.
  [[nodiscard]] static Result<SequenceStore> open(const std::string& path, Timestamp<Realtime> now);

  [[nodiscard]] std::uint64_t first() const noexcept { return first_; }
  // Reserves another block when less than half of the last is left. `next`: the first unused one.
  [[nodiscard]] Result<void> keep_ahead_of(std::uint64_t next);

  // A million announcements, days of them, cost one write.
  static constexpr std::uint64_t kBlock = 1'000'000;

 private:
  SequenceStore(std::string path, std::uint64_t first) : path_{std::move(path)}, first_{first} {}
  Result<void> reserve(std::uint64_t from);

  std::string path_;
  std::uint64_t first_;
  std::uint64_t reserved_ = 0;  // below it all may be used
};

}  // namespace timecast
