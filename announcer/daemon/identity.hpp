// SPDX-License-Identifier: MIT
//
// Who an announcer is: its key and its sequences, in a state directory that no other announcer
// uses at the same time.
//
// Errors:  an Error that names the file.
// Threads: one.
#pragma once

#include <string>

#include <optional>

#include <timecast/wire/announcement.hpp>

#include "announcer/daemon/sequence_store.hpp"
#include "common/host/lock_file.hpp"
#include "common/host/places.hpp"
#include "common/host/signing_key.hpp"

namespace timecast {

struct Identity {
  std::string directory;
  LockFile lock;  // held as long as this lives
  SigningKey key;
  bool key_is_new = false;
  SequenceStore sequences;
  std::optional<Successor> succession = {};  // if the key has taken another one's place
};

[[nodiscard]] Result<Identity> open_identity(const GivenPlace& state_directory,
                                             Timestamp<Realtime> now);

// Held by the one announcer that uses the directory, or by who changes what is in it.
[[nodiscard]] Result<LockFile> lock_identity(const std::string& directory);
[[nodiscard]] std::string key_path(const std::string& state_directory);

}  // namespace timecast
