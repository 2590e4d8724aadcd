// SPDX-License-Identifier: MIT
//
// Where the programs keep their sockets and their state.
//
// Errors:  a directory that cannot be made or written, with the option that names another.
// Threads: any, as long as nobody changes the environment.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/host/error.hpp"

namespace timecast {

using GivenPlace = std::optional<std::string>;  // by the operator, by option or setting

inline constexpr std::string_view kSettingsDirectory = "/etc/timecast";
// NAME.json in $CONFIGURATION_DIRECTORY, else in that. It may not be there.
[[nodiscard]] std::string settings_file_place(std::string_view name);

// For who asks: the given place alone, else /run/PROGRAM/control and
// $XDG_RUNTIME_DIR/PROGRAM/control.
[[nodiscard]] std::vector<std::string> control_socket_places(std::string_view program,
                                                             const GivenPlace& given);

// For who listens: the first of those whose directory is there, or can be made, and can be written.
[[nodiscard]] Result<std::string> control_socket_place(std::string_view program,
                                                       const GivenPlace& given);

// The given one, else $STATE_DIRECTORY, else $XDG_STATE_HOME/timecast, else
// ~/.local/state/timecast; root without any of them: /var/lib/timecast. Made if need be, with mode
// 0700.
[[nodiscard]] Result<std::string> state_directory(const GivenPlace& given);

// The same for who only reads: nothing is made, and it may not be there.
[[nodiscard]] Result<std::string> find_state_directory(const GivenPlace& given);

// What failed in that directory; with the way out, where the system refused it.
[[nodiscard]] Error state_error(Error error);

// Makes a directory, with this mode whatever the umask, and those above it. One that exists stays
// as it is.
[[nodiscard]] Result<void> make_directories(std::string path, unsigned mode);

// The directory a file is in.
[[nodiscard]] std::string parent_of(const std::string& path);

}  // namespace timecast
