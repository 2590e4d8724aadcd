// SPDX-License-Identifier: MIT
//
// timecast-listener as a function.
#pragma once

namespace timecast {

// Returns the exit status.
[[nodiscard]] int listener_program(int argc, const char* const* argv);

}  // namespace timecast
