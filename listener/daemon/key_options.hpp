// SPDX-License-Identifier: MIT
//
// The options that say whose announcements count, for every command that must know.
//
// Threads: any. An option refers to the options it was made for, which must live as long.
#pragma once

#include "common/host/command_line.hpp"
#include "listener/daemon/options.hpp"

namespace timecast {

[[nodiscard]] Option signatures_option(ListenerOptions& options);
[[nodiscard]] Option keys_file_option(ListenerOptions& options);

}  // namespace timecast
