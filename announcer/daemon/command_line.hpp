// SPDX-License-Identifier: MIT
//
// The command line of timecast-announcer.
//
// Errors:  a Farewell with exit status 2 that names the option and its limit.
#pragma once

#include "announcer/daemon/options.hpp"
#include "common/host/program.hpp"

namespace timecast {

enum class AnnouncerCommand : std::uint8_t { run, status, key_show, key_new };

struct AnnouncerInvocation {
  AnnouncerCommand command = AnnouncerCommand::run;
  AnnouncerOptions options;
};

[[nodiscard]] Expected<AnnouncerInvocation, Farewell> parse_announcer_command_line(
    int argc, const char* const* argv);

}  // namespace timecast
