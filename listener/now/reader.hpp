// SPDX-License-Identifier: MIT
//
// Finds the page, holds it, and notices when another has taken its place.
//
// Errors:  0 or the negative of an errno value, as timecast_now(). errno is kept.
// Threads: one at a time.
#pragma once

#include <sys/types.h>

#include <array>
#include <cstddef>

#include "listener/now/judge.hpp"
#include "listener/now/page.hpp"

namespace timecast {

class PageReader {
 public:
  using Clocks = PageClocks (*)() noexcept;

  explicit PageReader(Clocks clocks) noexcept : clocks_{clocks} {}
  PageReader(const PageReader&) = delete;
  PageReader& operator=(const PageReader&) = delete;
  ~PageReader() { unmap(mapped_); }

  static constexpr std::size_t kMostPlaces = 2;
  // REQUIRES: no more than kMostPlaces; the text outlives this.
  void add_place(const char* path) noexcept { places_[place_count_++] = path; }

  // Of the page that is held and those at the places, goes on with the one that was written last.
  // Returns why there is none.
  int look() noexcept;

  // Fills `out` but for its size. Looks by itself, once a second at most.
  [[nodiscard]] int now(timecast_time& out) noexcept;

 private:
  struct Mapped {
    const Page* page = nullptr;
    dev_t device = 0;
    ino_t inode = 0;
  };

  static void unmap(Mapped& mapped) noexcept;
  static int map_file(const char* path, Mapped& out) noexcept;
  static int map_open_file(int file, Mapped& out) noexcept;
  static std::int64_t written_at(const Mapped& mapped) noexcept;
  void consider(Mapped& found) noexcept;
  [[nodiscard]] int read(timecast_time& out) const noexcept;
  [[nodiscard]] bool should_look(const timecast_time& seen) const noexcept;

  Clocks clocks_;
  Mapped mapped_;
  int missing_ = 0;  // why there is no page
  bool has_looked_ = false;
  std::int64_t looked_ns_ = 0;  // CLOCK_BOOTTIME
  std::size_t place_count_ = 0;
  std::array<const char*, kMostPlaces> places_{};
};

}  // namespace timecast
