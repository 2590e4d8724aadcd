// SPDX-License-Identifier: MIT
//
// Why a listener is in its state, in words.
//
// Threads: any.
#pragma once

#include <timecast/listener/status.hpp>

namespace timecast {

// A sentence without its full stop.
[[nodiscard]] const char* sentence_for(Reason reason) noexcept;

}  // namespace timecast
