// SPDX-License-Identifier: MIT
#include "announcer/daemon/identity.hpp"

#include <cerrno>

#include "announcer/daemon/succession.hpp"

namespace timecast {

Result<LockFile> lock_identity(const std::string& directory) {
  auto lock = LockFile::take(directory + "/announcer.lock");
  if (lock) return lock;
  if (lock.error().errno_value != EWOULDBLOCK) return because(state_error(lock.error()));
  return because(Error{"another announcer uses " + directory +
                       ": two must not share a key; stop it, or name another directory with "
                       "--state-dir"});
}

std::string key_path(const std::string& state_directory) {
  return state_directory + "/announcer.key";
}

Result<Identity> open_identity(const GivenPlace& given, Timestamp<Realtime> now) {
  const auto directory = state_directory(given);
  if (!directory) return because(directory.error());
  auto lock = lock_identity(*directory);
  if (!lock) return because(lock.error());
  bool created = false;
  auto key = SigningKey::load_or_create(key_path(*directory), created);
  if (!key) return because(state_error(key.error()));
  auto sequences = SequenceStore::open(*directory + "/announcer.sequence", now);
  if (!sequences) return because(state_error(sequences.error()));
  const auto succession = load_succession(*directory, key->public_key());
  if (!succession) return because(state_error(succession.error()));
  return Identity{*directory, std::move(*lock),      std::move(*key),
                  created,    std::move(*sequences), *succession};
}

}  // namespace timecast
