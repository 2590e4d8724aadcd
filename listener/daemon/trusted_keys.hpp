// SPDX-License-Identifier: MIT
//
// The file of public keys whose signatures count: one base64 line each, as `timecast-announcer key
// show` prints it; a name may follow; `#` begins a comment.
//
// Errors:  an Error with exit status 3 that names file and line.
// Threads: any.
#pragma once

#include <string>
#include <vector>

#include <timecast/wire/signature.hpp>

#include "common/host/error.hpp"

namespace timecast {

// At least one, at most kMaxKeys.
[[nodiscard]] Result<std::vector<PublicKey>> read_trusted_keys(const std::string& path);

}  // namespace timecast
