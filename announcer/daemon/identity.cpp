// SPDX-License-Identifier: MIT
#include "announcer/daemon/identity.hpp"

#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>

namespace timecast {

namespace {

// The kernel lets go of it when this process ends, however it ends.
Result<UniqueFd> lock_directory(const std::string& directory) {
  const std::string path = directory + "/announcer.lock";
  UniqueFd fd{::open(path.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600)};
  if (!fd) return because(system_error("cannot open " + path, errno));
  if (::flock(fd.get(), LOCK_EX | LOCK_NB) == 0) return fd;
  if (errno != EWOULDBLOCK) return because(system_error("cannot lock " + path, errno));
  return because(Error{"another announcer uses " + directory +
                       ": two must not share a key; stop it, or name another directory with "
                       "--state-dir"});
}

}  // namespace

std::string key_path(const std::string& state_directory) {
  return state_directory + "/announcer.key";
}

Result<Identity> open_identity(const GivenPlace& given, Timestamp<Realtime> now) {
  const auto directory = state_directory(given);
  if (!directory) return because(directory.error());
  auto lock = lock_directory(*directory);
  if (!lock) return because(state_error(lock.error()));
  bool created = false;
  auto key = SigningKey::load_or_create(key_path(*directory), created);
  if (!key) return because(state_error(key.error()));
  auto sequences = SequenceStore::open(*directory + "/announcer.sequence", now);
  if (!sequences) return because(state_error(sequences.error()));
  return Identity{*directory, std::move(*lock), std::move(*key), created, std::move(*sequences)};
}

}  // namespace timecast
