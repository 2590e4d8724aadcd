// SPDX-License-Identifier: MIT
//
// A new key in place of an old one that endorses it: `timecast-announcer key renew`. Listeners that
// trust the old one trust the new one when they hear its announcements, which carry the
// endorsement.
//
//     announcer.key        the new key
//     announcer.successor  the field of 104 octets that says so (docs/protocol.md)
//     announcer.key.old    the old key, for whoever wants it back
//
// Errors:  an Error that names the file.
// Threads: any.
#pragma once

#include <optional>
#include <string>

#include <timecast/wire/announcement.hpp>

#include "common/host/places.hpp"
#include "common/host/signing_key.hpp"

namespace timecast {

// The new public key. No announcer may use the directory meanwhile.
[[nodiscard]] Result<PublicKey> renew_key(const GivenPlace& state_directory);

// What the directory has for this key; nothing if there is no such file, or it is for another key:
// a renewal that was cut short.
[[nodiscard]] Result<std::optional<Successor>> load_succession(const std::string& directory,
                                                               const PublicKey& key);

}  // namespace timecast
