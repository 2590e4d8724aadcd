// SPDX-License-Identifier: MIT
#include "common/host/lock_file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "common/host/file_owner.hpp"

namespace timecast {

namespace {

// Holders that end in the very moment in which this one begins.
constexpr int kMostAttempts = 100;

bool is_still_at(const std::string& path, int fd) noexcept {
  struct stat held {};
  struct stat there {};
  return ::fstat(fd, &held) == 0 && ::lstat(path.c_str(), &there) == 0 &&
         held.st_ino == there.st_ino && held.st_dev == there.st_dev;
}

}  // namespace

// Between open() and flock() the holder before can have removed the file. Then it is nobody's: who
// comes next makes a new one, and holds that.
Result<LockFile> LockFile::take(const std::string& path) {
  for (int i = 0; i < kMostAttempts; ++i) {
    UniqueFd fd{::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600)};
    if (!fd) return because(system_error("cannot open " + path, errno));
    if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
      return because(system_error("cannot lock " + path, errno));
    }
    if (!is_still_at(path, fd.get())) continue;
    give_to_its_user(fd.get(), path);  // or a crash would leave what that one cannot open
    return LockFile{path, std::move(fd)};
  }
  return because(system_error("cannot lock " + path, EWOULDBLOCK));
}

LockFile& LockFile::operator=(LockFile&& other) noexcept {
  if (this == &other) return *this;
  let_go();
  path_ = std::move(other.path_);
  fd_ = std::move(other.fd_);
  return *this;
}

// Removed while it is held: nobody else removes it, nor holds what is there instead.
void LockFile::let_go() noexcept {
  if (fd_ && is_still_at(path_, fd_.get())) ::unlink(path_.c_str());
  fd_.reset();
}

}  // namespace timecast
