// SPDX-License-Identifier: MIT
//
// The command `query`: asks one server, shows all packets and what they say.
//
// Threads: the main one.
#pragma once

#include "listener/daemon/options.hpp"

namespace timecast {

// Returns the exit status: 1 if there was no answer, or none that tells a time.
[[nodiscard]] int query_server(const ListenerOptions& options);

}  // namespace timecast
