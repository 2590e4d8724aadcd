// SPDX-License-Identifier: MIT
//
// One step of CLOCK_REALTIME.
//
// Errors:  the kernel's reason, with the way out.
// Threads: any.
// Source:  adjtimex(2), ADJ_SETOFFSET.
#pragma once

#include <timecast/time/duration.hpp>

#include "common/host/error.hpp"
#include "common/host/kernel_calls.hpp"

namespace timecast {

// By `amount` from where the clock is when it is asked, so that nothing is lost in between.
[[nodiscard]] timex step_request(Duration amount) noexcept;

[[nodiscard]] Result<void> step_clock(Duration amount, const KernelCalls& calls = kKernelCalls);

}  // namespace timecast
