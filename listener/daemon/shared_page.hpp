// SPDX-License-Identifier: MIT
//
// The page of memory on which other programs of this host read the time: a file beside the control
// socket. A file that fits is used again, so that readers go on; one that does not is replaced, and
// its readers are told. It stays when the daemon ends, and never becomes shorter.
//
// Errors:  at start an Error: another listener writes there, the directory cannot be written. Later
//          none.
// Threads: one; whoever reads does so from anywhere.
#pragma once

#include <string>

#include "common/host/error.hpp"
#include "common/host/lock_file.hpp"
#include "common/host/places.hpp"
#include "listener/now/page.hpp"

namespace timecast {

// Where a daemon with this control socket has its page.
[[nodiscard]] Result<std::string> shared_page_place(const GivenPlace& socket);

class SharedPage {
 public:
  // `first` is what a new file says from the beginning. Beside it stands "PATH.lock" meanwhile.
  [[nodiscard]] static Result<SharedPage> open(const std::string& path, const PageValues& first);
  SharedPage(SharedPage&& other) noexcept;
  SharedPage& operator=(SharedPage&& other) noexcept;
  SharedPage(const SharedPage&) = delete;
  SharedPage& operator=(const SharedPage&) = delete;
  ~SharedPage();

  void write(const PageValues& values) noexcept { write_values(*page_, values); }
  [[nodiscard]] const std::string& path() const noexcept { return path_; }

 private:
  SharedPage(std::string path, LockFile lock, Page* page) noexcept
      : path_{std::move(path)}, lock_{std::move(lock)}, page_{page} {}

  std::string path_;
  LockFile lock_;
  Page* page_ = nullptr;
};

}  // namespace timecast
