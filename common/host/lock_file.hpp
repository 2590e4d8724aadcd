// SPDX-License-Identifier: MIT
//
// A file that at most one process holds. Its end, however it comes, lets go of it; a clean one
// removes the file too.
//
// Errors:  an Error that names the file; its errno_value is EWOULDBLOCK if another holds it.
// Threads: any.
// Source:  flock(2).
#pragma once

#include <string>
#include <utility>

#include "common/host/error.hpp"
#include "common/host/unique_fd.hpp"

namespace timecast {

class LockFile {
 public:
  [[nodiscard]] static Result<LockFile> take(const std::string& path);

  LockFile() noexcept = default;  // holds nothing
  LockFile(LockFile&& other) noexcept = default;
  LockFile& operator=(LockFile&& other) noexcept;
  LockFile(const LockFile&) = delete;
  LockFile& operator=(const LockFile&) = delete;
  ~LockFile() { let_go(); }

 private:
  LockFile(std::string path, UniqueFd fd) noexcept : path_{std::move(path)}, fd_{std::move(fd)} {}
  void let_go() noexcept;

  std::string path_;
  UniqueFd fd_;
};

}  // namespace timecast
