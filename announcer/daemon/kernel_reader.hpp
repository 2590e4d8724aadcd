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
// Replies wait for no keeper: they say what is known, as far as it holds. So it is asked at the
// latest 1.25 s after the last time, whether or not something is announced.
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

  // Before an announcement, or when next_ask() has come.
  [[nodiscard]] KernelClock read(const Moment& now);
  // Before a reply. It asks only where a word of just now is void.
  [[nodiscard]] KernelClock known(const Moment& now);
  // When read() is due at the latest; nothing without a keeper.
  [[nodiscard]] std::optional<Timestamp<Boot>> next_ask() const noexcept;

 private:
  struct Word {
    KernelClock clock;
    Moment at;
  };
  // The word at hand. REQUIRES: word_.
  [[nodiscard]] bool is_younger(const Moment& now, Duration age) const noexcept;
  [[nodiscard]] bool is_void(const Moment& now) const noexcept;
  [[nodiscard]] bool holds(const Moment& now, Duration at_most) const noexcept {
    return is_younger(now, at_most) && !is_void(now);
  }
  [[nodiscard]] KernelClock at_hand(const Moment& now) const noexcept;
  [[nodiscard]] KernelClock grown(const Moment& now) const noexcept;

  Ask ask_;
  bool has_keeper_;
  std::optional<Word> word_;
  std::optional<Timestamp<Boot>> asked_in_vain_;
  int failure_ = 0;
};

}  // namespace timecast
