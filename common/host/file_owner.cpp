// SPDX-License-Identifier: MIT
#include "common/host/file_owner.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include "common/host/places.hpp"

namespace timecast {

void give_to_its_user(int fd, const std::string& path) {
  if (::geteuid() != 0) return;
  struct stat model {};
  // Without following a link, by which the directory's owner could name any user.
  const bool is_users = ::lstat(path.c_str(), &model) == 0 && model.st_uid != 0;
  if (!is_users && ::stat(parent_of(path).c_str(), &model) != 0) return;
  if (model.st_uid != 0) static_cast<void>(::fchown(fd, model.st_uid, model.st_gid) == 0);
}

}  // namespace timecast
