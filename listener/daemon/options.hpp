// SPDX-License-Identifier: MIT
//
// What an operator can say to timecast-listener.
#pragma once

#include <optional>
#include <string>

#include <timecast/uv_listener.hpp>
#include <timecast/wire/groups.hpp>

#include "common/host/places.hpp"
#include "listener/clocks/clock_choice.hpp"
#include "listener/clocks/kernel_slew.hpp"
#include "listener/daemon/watch_options.hpp"

namespace timecast {

// What the command line and programs with a listener of their own may choose.
inline constexpr Duration kLongestDelay = Duration::seconds(1);
inline constexpr Duration kLeastStep = Duration::milliseconds(1);
inline constexpr Duration kLargestStep = Duration::seconds(86'400);
inline constexpr std::uint32_t kLargestSlewPpm = KernelSlew::kMostInASecondUs;
inline constexpr Duration kLeastBound = Duration::microseconds(1);
inline constexpr Duration kLargestBound = Duration::seconds(3600);

struct ListenerOptions : UvListenerSettings {
  ClockChoice clock;
  ClockPolicy clock_policy;
  GivenPlace state_directory;
  GivenPlace socket;
  GivenPlace textfile;
  bool json = false;
  std::optional<std::string> format;  // of `now` and `query`, for strftime

  WatchOptions watch;

  std::optional<std::string> key;  // of `keys add` and `keys forget`

  std::optional<std::string> host;  // to query
  std::uint16_t query_port = kPlainPort;
  bool hex = false;  // of `query` and `watch`

  Duration timeout = Duration::seconds(60);    // of `wait`
  std::optional<Duration> within;              // `wait`: this host's clock of the time
  bool set = false;                            // the clock, by `wait`
  Duration listen_for = Duration::seconds(3);  // by `doctor`
  std::optional<Endpoint> expected;            // an announcer that it asks if it hears none
};

}  // namespace timecast
