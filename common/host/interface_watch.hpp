// SPDX-License-Identifier: MIT
//
// Says when an interface or an address came, went or changed. What there is now says
// list_interfaces(): one change of a cable makes several calls.
//
// Errors:  no rtnetlink (some sandboxes): list the interfaces every minute instead.
// Threads: the loop's.
// Source:  rtnetlink(7).
#pragma once

#include <functional>
#include <utility>

#include "common/host/loop.hpp"

namespace timecast {

class InterfaceWatch {
 public:
  [[nodiscard]] static Result<InterfaceWatch> start(Loop& loop, std::function<void()> on_change);

 private:
  explicit InterfaceWatch(PollHandle poll) noexcept : poll_{std::move(poll)} {}
  PollHandle poll_;
};

}  // namespace timecast
