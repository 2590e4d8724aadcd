// SPDX-License-Identifier: MIT
//
// Says when an interface or an address came, went or changed. What there is now says
// list_interfaces(): one change of a cable makes several calls.
//
// Errors:  no rtnetlink (some sandboxes): list the interfaces every second instead.
// Threads: the loop's.
// Source:  rtnetlink(7).
#pragma once

#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include "common/host/loop.hpp"

namespace timecast {

struct InterfaceChange {
  // Interfaces that were destroyed, by index: others may have these numbers now, and no membership.
  std::vector<std::uint32_t> gone;
  bool is_complete = true;  // false: the kernel's queue ran over, and any may have gone
};

class InterfaceWatch {
 public:
  [[nodiscard]] static Result<InterfaceWatch> start(
      Loop& loop, std::function<void(const InterfaceChange&)> on_change);

 private:
  explicit InterfaceWatch(PollHandle poll) noexcept : poll_{std::move(poll)} {}
  PollHandle poll_;
};

}  // namespace timecast
