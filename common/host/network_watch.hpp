// SPDX-License-Identifier: MIT
//
// This host's interfaces, and when to look at them: whenever they may have changed, and soon again
// after something has failed that may be cured by itself.
//
// Errors:  a timer that cannot be had. Without rtnetlink it looks every second; interfaces that
//          cannot be listed are tried again. Each is told the loop's log once.
// Threads: the loop's.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/host/chosen_interfaces.hpp"
#include "common/host/interface_watch.hpp"
#include "common/host/interfaces.hpp"
#include "common/host/loop.hpp"

namespace timecast {

class NetworkWatch {
 public:
  explicit NetworkWatch(Loop& loop) noexcept : loop_{loop} {}

  // `on_network` is called when interfaces or addresses may have changed.
  [[nodiscard]] Result<void> start(std::function<void()> on_network);

  // What there is on the network. Nothing if that cannot be had now; it is tried again soon.
  [[nodiscard]] std::optional<std::vector<Interface>> interfaces();
  // choose_interfaces() of these. Says which bridges are left out, once.
  [[nodiscard]] std::vector<ChosenInterface> choose(const std::vector<std::string>& wanted,
                                                    const std::vector<Interface>& present);
  // After each look at the network: whether to look again soon.
  void look_again(bool soon);

 private:
  void note(const InterfaceChange& change);

  Loop& loop_;
  std::optional<DeadlineTimer> look_again_;
  std::optional<InterfaceWatch> watch_;
  std::map<std::uint32_t, std::uint32_t> destroyed_;  // how often, by index
  std::uint32_t overruns_ = 0;                        // after which any may have been
  std::vector<std::string> left_out_;                 // bridges that were told of
  bool has_listed_ = true;
};

}  // namespace timecast
