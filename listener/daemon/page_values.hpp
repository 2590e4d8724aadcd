// SPDX-License-Identifier: MIT
//
// What a listener knows at one instant, as values of the shared page: how it will age is told with
// it, so that readers need nothing of the estimator.
//
// Threads: any; pure.
#pragma once

#include <functional>

#include <timecast/listener/status.hpp>

#include "listener/now/page.hpp"

namespace timecast {

// Nobody vouches longer for what nobody writes anew.
inline constexpr Duration kPageLongest = Duration::seconds(86'400);

// What the listener would say at a moment if nothing more came.
using Foresight = std::function<ListenerStatus(const Moment&)>;

// `started` names the daemon.
[[nodiscard]] PageValues page_values(const Foresight& status_at, const Moment& now,
                                     Timestamp<Boot> started);

}  // namespace timecast
