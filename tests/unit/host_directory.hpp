// SPDX-License-Identifier: MIT
//
// A directory of its own for a test, gone when the test ends.
#pragma once

#include <doctest/doctest.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace timecast {

class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::string pattern = std::filesystem::temp_directory_path() / "timecast-test-XXXXXX";
    REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    path_ = pattern;
  }
  ~TemporaryDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] std::string operator/(const std::string& name) const { return path_ + '/' + name; }
  [[nodiscard]] std::size_t count() const {
    const std::filesystem::directory_iterator entries{path_};
    return static_cast<std::size_t>(std::distance(begin(entries), end(entries)));
  }

 private:
  std::string path_;
};

inline void put_file(const std::string& path, const std::string& content, mode_t mode = 0600) {
  std::ofstream{path} << content;
  REQUIRE(::chmod(path.c_str(), mode) == 0);
}

inline std::string file_content(const std::string& path) {
  std::stringstream content;
  content << std::ifstream{path}.rdbuf();
  return content.str();
}

inline mode_t mode_of(const std::string& path) {
  struct stat status {};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  return status.st_mode & 07777U;
}

// A directory of another user's as far as this process may make one: else it stays its own.
inline void give_to_another(const std::string& path) {
  constexpr uid_t kNobody = 65534;
  static_cast<void>(::chown(path.c_str(), kNobody, kNobody) == 0);
}

inline bool have_one_owner(const std::string& one, const std::string& other) {
  struct stat first {};
  struct stat second {};
  REQUIRE(::stat(one.c_str(), &first) == 0);
  REQUIRE(::stat(other.c_str(), &second) == 0);
  return first.st_uid == second.st_uid && first.st_gid == second.st_gid;
}

}  // namespace timecast
