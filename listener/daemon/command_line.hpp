// SPDX-License-Identifier: MIT
//
// The command line of timecast-listener.
//
// Errors:  a Farewell with exit status 2 that names the option and its limit.
#pragma once

#include "common/host/program.hpp"
#include "listener/daemon/options.hpp"

namespace timecast {

enum class ListenerCommand : std::uint8_t { run, watch, now, status };

struct ListenerInvocation {
  ListenerCommand command = ListenerCommand::run;
  ListenerOptions options;
};

[[nodiscard]] Expected<ListenerInvocation, Farewell> parse_listener_command_line(
    int argc, const char* const* argv);

}  // namespace timecast
