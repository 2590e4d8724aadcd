// SPDX-License-Identifier: MIT
//
// What an operator can say to timecast-announcer.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <timecast/wire/groups.hpp>
#include <timecast/wire/mac.hpp>

#include "announcer/core/config.hpp"
#include "common/host/error.hpp"
#include "common/host/places.hpp"

namespace timecast {

// What is announced while the kernel vouches for the clock: chrony or timesyncd takes it from a
// server of stratum 2 or so. And what is announced on an island.
inline constexpr std::uint8_t kForwardedStratum = 3;
inline constexpr std::uint8_t kIslandStratum = 10;

// Among plain destinations: each interface's own broadcast addresses, whatever they are just then.
inline constexpr Address kOwnBroadcast = Address::ipv4(0, 0, 0, 0);

struct AnnouncerOptions {
  std::vector<std::string> interfaces;  // names or addresses; empty: all usual ones
  Address group4 = kPreciseGroup4;
  Address group6 = kNtpGroup6;
  std::uint16_t port = kPrecisePort;
  Duration interval = Duration::seconds(1);

  bool plain = true;
  // Where the plain stream goes: a group, a broadcast address, or kOwnBroadcast.
  std::vector<KeyedEndpoint> plain_destinations{{kPlainGroup4, kPlainPort, 0}};
  GivenPlace keys_file;  // of symmetric keys

  bool island = false;                  // this host's clock is the reference
  std::optional<std::uint8_t> stratum;  // if it shall be another than those below
  std::vector<Prefix> allow;            // beyond the links of this host
  RateLimit rate_limit;

  GivenPlace state_directory;
  GivenPlace socket;
  bool json = false;
  bool as_c = false;  // `key show` prints C

  Duration listen_for = Duration::seconds(3);  // by `doctor`
};

// "broadcast", "broadcast:PORT", or an address with or without its port; and with or without a key.
[[nodiscard]] Result<KeyedEndpoint> parse_plain_destination(std::string_view text);
// The same in words; the port is always there, a key never.
[[nodiscard]] std::string destination_text(const Endpoint& destination);

}  // namespace timecast
