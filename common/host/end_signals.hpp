// SPDX-License-Identifier: MIT
//
// SIGTERM and SIGINT for a program without a loop, which waits for one file at a time.
//
//     auto signals = EndSignals::start();
//     while (signals->await(fd, POLLIN)) read(fd, ...);
//
// They are blocked from the start on: whoever waits by other means cannot be ended by them.
//
// Errors:  no descriptor is left.
// Threads: one.
#pragma once

#include <utility>

#include "common/host/error.hpp"
#include "common/host/unique_fd.hpp"

namespace timecast {

class EndSignals {
 public:
  [[nodiscard]] static Result<EndSignals> start();

  // Waits until the descriptor has what is wished for (POLLIN, POLLOUT), or has failed. False if a
  // signal came first; each makes one call false.
  [[nodiscard]] bool await(int fd, short events) noexcept;
  [[nodiscard]] bool came() const noexcept { return came_; }

 private:
  explicit EndSignals(UniqueFd fd) noexcept : fd_{std::move(fd)} {}
  UniqueFd fd_;
  bool came_ = false;
};

}  // namespace timecast
