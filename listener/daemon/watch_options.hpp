// SPDX-License-Identifier: MIT
//
// What an operator can say to `watch` alone.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <timecast/wire/endpoint.hpp>

namespace timecast {

struct WatchOptions {
  std::vector<Address> groups;        // empty: those of both streams
  std::vector<std::uint16_t> ports;   // empty: those of both streams
  std::optional<std::string> replay;  // a recording instead of the network; "-": standard input
};

}  // namespace timecast
