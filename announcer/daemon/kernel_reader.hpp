// SPDX-License-Identifier: MIT
//
// What the kernel says of this host's clock, before every packet and never late.
//
// An announcer that may call the kernel does so each time. One with a keeper (clock_keeper.hpp)
// asks it once in a second of the clock, at most 20 ms long; what it said holds to the end of that
// second, in which the kernel's word seldom changes. A keeper that does not answer is asked again a
// second later, and its last word, whose error grows as the kernel has it grow, holds for three.
// Before a leap second, and when the clock was set, no old word holds.
//
// Errors:  as read_kernel_clock().
// Threads: one.
#pragma once

#include <functional>
#include <optional>

#include "common/host/host_clock.hpp"

namespace timecast {

class KernelReader {
 public:
  // Asks, waiting so long at most.
  using Ask = std::function<KernelClock(Duration patience)>;

  KernelReader();  // this process's way
  KernelReader(Ask ask, bool has_keeper) : ask_{std::move(ask)}, has_keeper_{has_keeper} {}

  [[nodiscard]] KernelClock read(const Moment& now);

 private:
  struct Word {
    KernelClock clock;
    Moment at;
  };
  [[nodiscard]] bool holds(const Moment& now, Duration at_most) const noexcept;
  [[nodiscard]] KernelClock grown(const Moment& now) const noexcept;

  Ask ask_;
  bool has_keeper_;
  std::optional<Word> word_;
  std::optional<Timestamp<Boot>> asked_in_vain_;
  int failure_ = 0;
};

}  // namespace timecast
