// SPDX-License-Identifier: MIT
//
// `timecast-listener keys`: whose announcements count here, and who may be added or forgotten.
//
// Errors:  told on standard error; the exit status.
// Threads: any.
#pragma once

#include <string>

#include "listener/daemon/options.hpp"

namespace timecast {

// Where the keys are that are meant: the given place; else, for root, that of the service, if there
// is one; else the usual one.
[[nodiscard]] GivenPlace key_directory(const GivenPlace& given, const std::string& of_service);

[[nodiscard]] int list_keys(const ListenerOptions& options);
[[nodiscard]] int add_key(const ListenerOptions& options);
[[nodiscard]] int forget_key(const ListenerOptions& options);

}  // namespace timecast
