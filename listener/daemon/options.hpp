// SPDX-License-Identifier: MIT
//
// What an operator can say to timecast-listener.
#pragma once

#include <optional>
#include <string>

#include <timecast/uv_listener.hpp>

#include "common/host/places.hpp"
#include "listener/daemon/watch_options.hpp"

namespace timecast {

struct ListenerOptions : UvListenerSettings {
  GivenPlace socket;
  bool json = false;
  std::optional<std::string> format;  // of `now`, for strftime
  WatchOptions watch;
};

}  // namespace timecast
