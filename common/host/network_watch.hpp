// SPDX-License-Identifier: MIT
//
// This host's interfaces, and when to look at them: whenever they may have changed, and soon again
// after something has failed that may be cured by itself.
//
// Errors:  a timer that cannot be had. Without rtnetlink it looks every minute; interfaces that
//          cannot be listed are tried again. Each is told the loop's log once.
// Threads: the loop's.
#pragma once

#include <functional>
#include <optional>
#include <vector>

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
  // After each look at the network: whether to look again soon.
  void look_again(bool soon);

 private:
  Loop& loop_;
  std::optional<DeadlineTimer> look_again_;
  std::optional<InterfaceWatch> watch_;
  bool has_listed_ = true;
};

}  // namespace timecast
