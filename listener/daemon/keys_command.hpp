// SPDX-License-Identifier: MIT
//
// `timecast-listener keys`: whose announcements count here, and who may be added or forgotten.
//
// Errors:  told on standard error; the exit status.
// Threads: any.
#pragma once

#include "listener/daemon/options.hpp"

namespace timecast {

[[nodiscard]] int list_keys(const ListenerOptions& options);
[[nodiscard]] int add_key(const ListenerOptions& options);
[[nodiscard]] int forget_key(const ListenerOptions& options);

}  // namespace timecast
