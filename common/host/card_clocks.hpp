// SPDX-License-Identifier: MIT
//
// The clocks of this host's network cards, read every second while there are any. Where an
// interface has none, nothing is read and no timer runs.
//
// Errors:  each told the loop's log once; stamps are the kernel's then. That a card may not be used
//          (an unprivileged user's laptop) is no warning: nothing is amiss.
// Threads: the loop's.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "common/host/log.hpp"
#include "common/host/loop.hpp"
#include "common/host/network_card.hpp"

namespace timecast {

class CardClocks {
 public:
  explicit CardClocks(Loop& loop, const HardwareCalls& calls = kKernelHardwareCalls) noexcept
      : loop_{loop}, calls_{calls} {}
  CardClocks(const CardClocks&) = delete;
  CardClocks& operator=(const CardClocks&) = delete;
  ~CardClocks() = default;

  // For UdpOptions::hardware_clock of a socket on that interface; none if its card has no clock, or
  // none that may be used. Known some seconds later.
  [[nodiscard]] std::shared_ptr<const HardwareClock> of(const std::string& interface);

  // The same of one that was asked for before.
  [[nodiscard]] std::shared_ptr<const HardwareClock> known(const std::string& interface) const;

  // Every second, by itself.
  void read_all();

 private:
  struct Card {
    CardClock source;
    std::shared_ptr<HardwareClock> clock;
  };
  // False: it is gone.
  bool read(const std::string& interface, Card& card);
  [[nodiscard]] bool start_reading();
  void tell_once(Level level, const std::string& text);

  Loop& loop_;
  HardwareCalls calls_;
  std::map<std::string, Card> cards_;  // by the name of the interface
  std::set<std::string> told_;
  std::optional<DeadlineTimer> timer_;
};

}  // namespace timecast
