// SPDX-License-Identifier: MIT
//
// What an operator can say to timecast-listener.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <timecast/listener/config.hpp>

#include "common/host/groups.hpp"
#include "common/host/places.hpp"
#include "listener/daemon/watch_options.hpp"

namespace timecast {

struct ListenerOptions {
  std::vector<std::string> interfaces;  // names or addresses; empty: all usual ones
  Address group4 = kPreciseGroup4;
  Address group6 = kNtpGroup6;
  std::uint16_t port = kPrecisePort;

  SignatureMode signatures = SignatureMode::first_use;
  std::optional<std::string> keys_file;
  bool listen_only = false;
  std::optional<Duration> delay;  // one way, assumed until it is measured
  Duration max_bound = Duration::seconds(1);

  GivenPlace socket;
  bool json = false;
  std::optional<std::string> format;  // of `now`, for strftime
  WatchOptions watch;
};

}  // namespace timecast
