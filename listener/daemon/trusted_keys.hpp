// SPDX-License-Identifier: MIT
//
// The file of public keys whose signatures count: one base64 line each, as `timecast-announcer key
// show` prints it; a name may follow; `#` begins a comment. Symmetric keys may be there too
// (symmetric_keys.hpp): they are left to who reads those.
//
// Errors:  an Error with exit status 3 that names file and line.
// Threads: any.
#pragma once

#include <string>
#include <vector>

#include <timecast/wire/signature.hpp>

#include "common/host/places.hpp"
#include "listener/daemon/options.hpp"

namespace timecast {

// The file that --keys names, unless it has symmetric keys alone; else trusted-keys where settings
// are, if there is one; nothing where signatures are off.
[[nodiscard]] GivenPlace trusted_keys_file(const ListenerOptions& options);

// At least one, at most kMaxKeys; none if there are symmetric keys alone.
[[nodiscard]] Result<std::vector<PublicKey>> read_trusted_keys(const std::string& path);
[[nodiscard]] Result<std::vector<PublicKey>> parse_trusted_keys(const std::string& text,
                                                                const std::string& path);

}  // namespace timecast
