// SPDX-License-Identifier: MIT
#include "listener/daemon/shared_page.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <utility>

#include "common/host/unique_fd.hpp"
#include "listener/now/clock_identity.hpp"

namespace timecast {

namespace {

constexpr mode_t kForAnybodyToRead = 0644;
constexpr std::string_view kWayOut = "name a socket in another directory with --socket";

void unmap(Page* page) noexcept {
  if (page != nullptr) ::munmap(page, kPageOctets);
}

Page* map(int fd) noexcept {
  void* const place = ::mmap(nullptr, kPageOctets, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  return place == MAP_FAILED ? nullptr : static_cast<Page*>(place);
}

// The room is there before anything is written: a full file system would end the process.
bool has_room(int fd) noexcept { return ::posix_fallocate(fd, 0, kPageOctets) == 0; }

// An old file that is ours to write, mapped; or nothing.
Page* map_old(const std::string& path) noexcept {
  const UniqueFd fd{::open(path.c_str(), O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)};
  struct stat status {};
  const bool fits = fd && ::fstat(fd.get(), &status) == 0 && S_ISREG(status.st_mode) &&
                    status.st_uid == ::geteuid() && status.st_nlink == 1 &&
                    status.st_size == off_t{kPageOctets} && has_room(fd.get()) &&
                    ::fchmod(fd.get(), kForAnybodyToRead) == 0;
  return fits ? map(fd.get()) : nullptr;
}

// Maps a file that nobody knows yet; in place of what one left that was killed while it did so.
Result<Page*> make_file(const std::string& temporary) {
  ::unlink(temporary.c_str());
  const UniqueFd fd{::open(temporary.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600)};
  if (!fd) return because(system_error("cannot write " + temporary, errno, kWayOut));
  const int full = ::posix_fallocate(fd.get(), 0, kPageOctets);
  Page* const page =
      full == 0 && ::fchmod(fd.get(), kForAnybodyToRead) == 0 ? map(fd.get()) : nullptr;
  if (page != nullptr) return page;
  const int failed = full != 0 ? full : errno;
  ::unlink(temporary.c_str());
  return because(system_error("cannot write " + temporary, failed, kWayOut));
}

Result<Page*> replace(const std::string& path, const PageValues& first, Page* old) {
  const std::string temporary = path + ".new";
  auto page = make_file(temporary);
  if (!page) return page;
  begin_page(**page, clock_identity());
  write_values(**page, first);
  if (::rename(temporary.c_str(), path.c_str()) != 0) {
    const int failed = errno;
    unmap(*page);
    ::unlink(temporary.c_str());
    return because(system_error("cannot write " + path, failed, kWayOut));
  }
  // Only now: whoever reads this looks at the path.
  if (old != nullptr && has_page_magic(*old)) old->abandoned.store(1, std::memory_order_relaxed);
  return page;
}

bool can_be_used_again(const Page& page) noexcept {
  return is_page_of_ours(page) && clocks_of(page) == clock_identity() &&
         page.abandoned.load(std::memory_order_relaxed) == 0;
}

}  // namespace

Result<std::string> shared_page_place(const GivenPlace& socket) {
  const auto control = control_socket_place("timecast-listener", socket);
  if (!control) return because(control.error());
  return parent_of(*control) + "/page";
}

Result<SharedPage> SharedPage::open(const std::string& path, const PageValues& first) {
  auto lock = LockFile::take(path + ".lock");
  if (!lock) {
    if (lock.error().errno_value != EWOULDBLOCK) {
      return because(Error{lock.error().text + "; " + std::string{kWayOut}});
    }
    return because(
        Error{"another program writes " + path + "; stop it, or " + std::string{kWayOut}});
  }
  Page* const old = map_old(path);
  if (old != nullptr && can_be_used_again(*old)) {
    SharedPage page{path, std::move(*lock), old};
    page.write(first);
    return page;
  }
  const auto made = replace(path, first, old);
  unmap(old);
  if (!made) return because(made.error());
  return SharedPage{path, std::move(*lock), *made};
}

SharedPage::SharedPage(SharedPage&& other) noexcept
    : path_{std::move(other.path_)},
      lock_{std::move(other.lock_)},
      page_{std::exchange(other.page_, nullptr)} {}

SharedPage& SharedPage::operator=(SharedPage&& other) noexcept {
  if (this == &other) return *this;
  unmap(page_);
  path_ = std::move(other.path_);
  lock_ = std::move(other.lock_);
  page_ = std::exchange(other.page_, nullptr);
  return *this;
}

SharedPage::~SharedPage() { unmap(page_); }

}  // namespace timecast
