// SPDX-License-Identifier: MIT
//
// What an operator can say to timecast-announcer.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "announcer/core/config.hpp"
#include "common/host/groups.hpp"
#include "common/host/places.hpp"

namespace timecast {

struct AnnouncerOptions {
  std::vector<std::string> interfaces;  // names or addresses; empty: all usual ones
  Address group4 = kPreciseGroup4;
  Address group6 = kNtpGroup6;
  std::uint16_t port = kPrecisePort;
  Duration interval = Duration::seconds(1);

  bool plain = true;
  // Where the plain stream goes: a group, or a broadcast address.
  std::vector<Endpoint> plain_destinations{{kPlainGroup4, kPlainPort, 0}};

  bool island = false;
  std::optional<std::uint8_t> stratum;  // 3 if the kernel vouches for the clock, 10 on an island
  std::vector<Prefix> allow;            // beyond the links of this host
  RateLimit rate_limit;

  GivenPlace state_directory;
  GivenPlace socket;
  bool json = false;
};

}  // namespace timecast
