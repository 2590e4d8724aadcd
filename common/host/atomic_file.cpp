// SPDX-License-Identifier: MIT
#include "common/host/atomic_file.hpp"

#include <fcntl.h>
#include <openssl/crypto.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "common/host/file_owner.hpp"
#include "common/host/places.hpp"
#include "common/host/unique_fd.hpp"

namespace timecast {

ClearedAtEnd::~ClearedAtEnd() { OPENSSL_cleanse(text_.data(), text_.size()); }

namespace {

// 0 or an errno value.
int write_all(int fd, std::string_view content) {
  while (!content.empty()) {
    const ssize_t written = ::write(fd, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  return 0;
}

enum class Kind : std::uint8_t { lasting, new_lasting, passing };

int fill(int fd, std::string_view content, mode_t mode, Kind kind) {
  const int failed = write_all(fd, content);
  if (failed != 0) return failed;
  if (::fchmod(fd, mode) != 0) return errno;
  return kind == Kind::passing || ::fsync(fd) == 0 ? 0 : errno;
}

// The rename itself lasts only once the directory is on disk. Some file systems cannot sync a
// directory; they lose no more than the last write.
void sync_directory(const std::string& path) {
  const UniqueFd directory{::open(parent_of(path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (directory) ::fsync(directory.get());
}

int put_in_place(const std::string& temporary, const std::string& path, Kind kind) {
  // link() for a new file: it fails if the name is taken.
  const auto move = kind == Kind::new_lasting ? ::link : ::rename;
  return move(temporary.c_str(), path.c_str()) == 0 ? 0 : errno;
}

Result<void> write_by_rename(const std::string& path, std::string_view content, mode_t mode,
                             Kind kind) {
  std::string temporary = path + ".XXXXXX";
  const UniqueFd fd{::mkostemp(temporary.data(), O_CLOEXEC)};  // mode 0600 until it is whole
  if (!fd) return because(system_error("cannot write " + path, errno));
  give_to_its_user(fd.get(), path);
  int failed = fill(fd.get(), content, mode, kind);
  if (failed == 0) failed = put_in_place(temporary, path, kind);
  if (failed != 0 || kind == Kind::new_lasting) ::unlink(temporary.c_str());
  if (failed != 0) return because(system_error("cannot write " + path, failed));
  if (kind != Kind::passing) sync_directory(path);
  return {};
}

}  // namespace

Result<void> write_file(const std::string& path, std::string_view content, mode_t mode) {
  return write_by_rename(path, content, mode, Kind::lasting);
}

Result<void> write_passing_file(const std::string& path, std::string_view content, mode_t mode) {
  return write_by_rename(path, content, mode, Kind::passing);
}

Result<void> write_new_file(const std::string& path, std::string_view content, mode_t mode) {
  return write_by_rename(path, content, mode, Kind::new_lasting);
}

namespace {

Result<UniqueFd> open_to_read(const std::string& path) {
  // A pipe without a writer would have this wait for one.
  UniqueFd fd{::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC)};
  struct stat status {};
  if (!fd || ::fstat(fd.get(), &status) != 0) {
    return because(system_error("cannot read " + path, errno));
  }
  if (!S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode)) {  // of a directory, read() tells
    return because(Error{"cannot read " + path + ": it is no regular file"});
  }
  return fd;
}

// A string this long keeps its text in one place when it is moved; a shorter one would leave it in
// the object it was in before.
constexpr std::size_t kLeastRoom = 64;

void double_room(std::string& content) {
  std::string more(2 * content.size(), '\0');
  std::copy(content.begin(), content.end(), more.begin());
  content.swap(more);
  OPENSSL_cleanse(more.data(), more.size());
}

// How much there is, and an octet more, so that the end is seen; a file may grow meanwhile, or tell
// no size.
std::size_t room_for(int fd, std::size_t limit) {
  struct stat status {};
  if (::fstat(fd, &status) != 0 || status.st_size < 0) return kLeastRoom;
  return std::max(kLeastRoom, std::min(static_cast<std::size_t>(status.st_size), limit) + 1);
}

// What may be secret is nowhere else than in what is returned.
Result<std::string> read_all(int fd, const std::string& path, std::size_t limit) {
  std::string content(room_for(fd, limit), '\0');
  const ClearedAtEnd cleared{content};
  std::size_t filled = 0;
  while (filled <= limit) {
    if (filled == content.size()) double_room(content);
    const ssize_t got = ::read(fd, content.data() + filled, content.size() - filled);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return because(system_error("cannot read " + path, errno));
    filled += static_cast<std::size_t>(got);
    if (got > 0) continue;
    content.resize(filled);
    return content;
  }
  return because(
      Error{"cannot read " + path + ": it is longer than " + std::to_string(limit) + " octets"});
}

}  // namespace

Result<std::string> read_file(const std::string& path, std::size_t limit) {
  const auto fd = open_to_read(path);
  if (!fd) return because(fd.error());
  return read_all(fd->get(), path, limit);
}

namespace {

// What nobody may open who has one of these rights.
Result<std::string> read_secret(const std::string& path, std::size_t limit, mode_t others,
                                const std::string& complaint) {
  const auto fd = open_to_read(path);
  if (!fd) return because(fd.error());
  struct stat status {};
  if (::fstat(fd->get(), &status) != 0) return because(system_error("cannot read " + path, errno));
  if ((status.st_mode & others) != 0) return because(Error{"cannot trust " + path + complaint});
  return read_all(fd->get(), path, limit);
}

}  // namespace

Result<std::string> read_private_file(const std::string& path, std::size_t limit) {
  return read_secret(path, limit, S_IRWXG | S_IRWXO,
                     ": others than its owner can open it; chmod 600 " + path);
}

Result<std::string> read_shared_secret(const std::string& path, std::size_t limit) {
  return read_secret(path, limit, S_IRWXO, ": everybody can open it; chmod o= " + path);
}

bool file_exists(const std::string& path) noexcept { return ::access(path.c_str(), F_OK) == 0; }

}  // namespace timecast
