// SPDX-License-Identifier: MIT
//
// Tells the service manager that started this program how it is: ready, in which state, that its
// loop still turns. A program that was started by hand has nobody to tell.
//
//     ServiceNotice notice{service_manager()};
//     notice.status("searching: no announcement heard yet");
//     notice.ready();
//
// Errors:  none. That nothing can be told is logged once.
// Threads: one.
// Source:  sd_notify(3), sd_watchdog_enabled(3).
#pragma once

#include <sys/socket.h>
#include <sys/un.h>

#include <optional>
#include <string>
#include <string_view>

#include <timecast/time/duration.hpp>

#include "common/host/error.hpp"
#include "common/host/unique_fd.hpp"

namespace timecast {

struct ServiceManager {
  std::string socket;                // a path, or @NAME, which is in no file system; or nobody
  std::optional<Duration> watchdog;  // after so long a silence it takes this program for hung
};

// The one that the environment names.
[[nodiscard]] ServiceManager service_manager();

class ServiceNotice {
 public:
  explicit ServiceNotice(const ServiceManager& manager);

  void status(std::string_view text);  // what it is doing, in one line; told if it has changed
  void ready();                        // it has started; told once
  void reloading();                    // its settings are read anew
  void reloaded();                     // or left as they were
  void stopping();
  void alive();

  // How often to be alive(): twice in the time that the manager waits.
  [[nodiscard]] std::optional<Duration> pace() const noexcept { return pace_; }

 private:
  Result<void> open(const std::string& socket);
  void tell(std::string_view text);
  void complain(const Error& error);

  std::optional<Duration> pace_;
  UniqueFd fd_;  // none: there is nobody to tell
  sockaddr_un address_{};
  socklen_t address_length_ = 0;
  std::string status_;
  bool is_ready_ = false;
  bool is_reloading_ = false;
  bool has_complained_ = false;
};

}  // namespace timecast
