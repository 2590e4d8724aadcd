// SPDX-License-Identifier: MIT
#include "listener/now/reader.hpp"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "listener/now/clock_identity.hpp"

namespace timecast {

namespace {

constexpr std::int64_t kLookAgain = 1'000'000'000;
constexpr int kMostReadings = 3;

int fault_of(const Page& page) noexcept {
  if (!is_page_of_ours(page)) return -EPROTO;
  return are_other_clocks(clock_identity(), clocks_of(page)) ? -ESTALE : 0;
}

}  // namespace

void PageReader::unmap(Mapped& mapped) noexcept {
  if (mapped.page != nullptr) ::munmap(const_cast<Page*>(mapped.page), kPageOctets);
  mapped = {};
}

int PageReader::map_open_file(int file, Mapped& out) noexcept {
  struct stat status {};
  if (::fstat(file, &status) != 0) return -errno;
  // To read beyond the end of a file would end the process. The daemon never makes one shorter.
  if (!S_ISREG(status.st_mode) || status.st_size < off_t{kPageOctets}) return -EPROTO;
  void* const place = ::mmap(nullptr, kPageOctets, PROT_READ, MAP_SHARED, file, 0);
  if (place == MAP_FAILED) return -errno;
  out = {static_cast<const Page*>(place), status.st_dev, status.st_ino};
  const int fault = fault_of(*out.page);
  if (fault != 0) unmap(out);
  return fault;
}

int PageReader::map_file(const char* path, Mapped& out) noexcept {
  const int file = ::open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  if (file < 0) return errno == ENOTDIR ? -ENOENT : -errno;
  const int fault = map_open_file(file, out);
  ::close(file);
  return fault;
}

// CLOCK_BOOTTIME; what is busy is written now, and what was given up before anything else.
std::int64_t PageReader::written_at(const Mapped& mapped) noexcept {
  PageValues values;
  if (mapped.page == nullptr) return -1;
  if (mapped.page->abandoned.load(std::memory_order_relaxed) != 0) return 0;
  return read_values(*mapped.page, values) ? values.boot_ns : INT64_MAX;
}

void PageReader::consider(Mapped& found) noexcept {
  const bool is_held = found.device == mapped_.device && found.inode == mapped_.inode;
  if (is_held || written_at(found) <= written_at(mapped_)) return unmap(found);
  unmap(mapped_);
  mapped_ = found;
}

int PageReader::look() noexcept {
  const int kept = errno;
  has_looked_ = true;
  looked_ns_ = clocks_().boot_ns;
  missing_ = -ENOENT;
  for (std::size_t i = 0; i < place_count_; ++i) {
    Mapped found;
    const int fault = map_file(places_[i], found);
    if (fault == 0) {
      consider(found);
    } else if (missing_ == -ENOENT) {
      missing_ = fault;
    }
  }
  errno = kept;
  return mapped_.page == nullptr ? missing_ : 0;
}

// A process that has to wait between its two clocks sees what looks like a sleep.
int PageReader::read(timecast_time& out) const noexcept {
  out = nothing_read();
  if (mapped_.page == nullptr) return missing_;
  int error = 0;
  for (int reading = 0; reading < kMostReadings; ++reading) {
    PageValues values;
    if (!read_values(*mapped_.page, values)) return -EAGAIN;
    error = judge_page(values, clocks_(), out);
    if (error == 0 || out.reason != TIMECAST_SUSPENDED) break;
  }
  return error;
}

bool PageReader::should_look(const timecast_time& seen) const noexcept {
  const bool serves = mapped_.page != nullptr && seen.reason != TIMECAST_NO_PAGE &&
                      seen.age_ns >= 0 && seen.age_ns <= kPagePatience &&
                      mapped_.page->abandoned.load(std::memory_order_relaxed) == 0;
  if (serves) return false;
  if (!has_looked_) return true;
  const std::int64_t ago = clocks_().boot_ns - looked_ns_;
  return ago < 0 || ago >= kLookAgain;
}

int PageReader::now(timecast_time& out) noexcept {
  const int error = read(out);
  if (!should_look(out)) return error;
  look();
  return read(out);
}

}  // namespace timecast
