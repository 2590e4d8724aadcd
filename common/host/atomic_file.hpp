// SPDX-License-Identifier: MIT
//
// Whole files. Who reads one while it is written, or after a power cut, finds the old content or
// the new, never a part. What root writes is the user's whose it was: file_owner.hpp.
//
// Errors:  an Error that names the file.
// Threads: any; two writers of one file: one of them wins.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <string>
#include <string_view>

#include "common/host/error.hpp"

namespace timecast {

inline constexpr std::size_t kFileLimit = 1U << 20;

[[nodiscard]] Result<void> write_file(const std::string& path, std::string_view content,
                                      mode_t mode);
// As above, but the disk is not waited for: for what is worth nothing after a power cut.
[[nodiscard]] Result<void> write_passing_file(const std::string& path, std::string_view content,
                                              mode_t mode);
// As write_file, but an existing file is an error.
[[nodiscard]] Result<void> write_new_file(const std::string& path, std::string_view content,
                                          mode_t mode);

// Clears a text that may be secret, whichever way its scope is left.
class ClearedAtEnd {
 public:
  explicit ClearedAtEnd(std::string& text) noexcept : text_{text} {}
  ClearedAtEnd(const ClearedAtEnd&) = delete;
  ClearedAtEnd& operator=(const ClearedAtEnd&) = delete;
  ~ClearedAtEnd();

 private:
  std::string& text_;
};

// A file longer than `limit` octets is an error. What was read is in the text that is returned and
// nowhere else: whoever clears that has cleared all.
[[nodiscard]] Result<std::string> read_file(const std::string& path,
                                            std::size_t limit = kFileLimit);
// As above, but a file that anybody but its owner can open is an error.
[[nodiscard]] Result<std::string> read_private_file(const std::string& path,
                                                    std::size_t limit = kFileLimit);
// As above, but whoever is in the file's group may open it, and its group alone may.
[[nodiscard]] Result<std::string> read_shared_secret(const std::string& path,
                                                     std::size_t limit = kFileLimit);

[[nodiscard]] bool file_exists(const std::string& path) noexcept;

}  // namespace timecast
