// SPDX-License-Identifier: MIT
//
// Whether an announcer's clock jumps, seen against this host's steady one.
//
// A packet that was held up on its way looks like a clock that was set back, so a jump back counts
// when three packets in a row agree about it; a jump forward has no such excuse.
//
// Threads: one; pure.
#pragma once

#include <optional>

#include <timecast/time/frequency.hpp>
#include <timecast/time/timestamp.hpp>

namespace timecast {

class JumpWatch {
 public:
  static constexpr Duration kJump = Duration::milliseconds(100);
  // What two clocks may gain on each other without a jump.
  static constexpr FrequencyPpb kDrift{1e6};
  static constexpr int kAgreeing = 3;

  // `ahead`: the transmit time minus this host's steady clock at the arrival. Returns by how much
  // the clock has jumped, if it has.
  [[nodiscard]] std::optional<Duration> look(Duration ahead, Timestamp<Boot> at) noexcept;
  // The clock was set, as is known from elsewhere. Returns by how much; zero before the first look.
  Duration restart(Duration ahead, Timestamp<Boot> at) noexcept;
  void forget() noexcept { edge_.reset(); }

 private:
  std::optional<Duration> edge_;  // `ahead` of the packets that came fastest
  Timestamp<Boot> at_;
  Duration behind_;  // of the last packet that looked like a jump back
  int behind_count_ = 0;
};

}  // namespace timecast
