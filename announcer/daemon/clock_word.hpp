// SPDX-License-Identifier: MIT
//
// What this host's clock is worth, by whoever knows most of it:
//
//     an island                           the operator's word
//     an NTP server on this host          its stratum, reference and root values
//     else the kernel                     its error bound; the stratum is configured
//
// and whom the clock follows by way of a timecast-listener on this host: that announcer is its
// reference. If it is this very announcer, there is no time to announce.
//
// Threads: any; pure functions.
// Source:  adjtimex(2); RFC 5905 section 7.3.
#pragma once

#include <optional>
#include <string>

#include "announcer/core/clock_state.hpp"
#include "announcer/daemon/local_listener.hpp"
#include "announcer/daemon/server_word.hpp"
#include "common/host/host_clock.hpp"

namespace timecast {

enum class ClockSource : std::uint8_t { island, server, kernel, itself };
const char* to_string(ClockSource source) noexcept;

struct ClockFacts {
  bool island = false;
  std::optional<std::uint8_t> stratum;  // the least that the operator wants to be announced
  PublicKey own_key{};
  KernelClock kernel;
  std::optional<ServerWord> server;
  Endpoint server_endpoint;
  std::optional<Disbelief> disbelief;  // of a server whose answer does not count
  std::optional<FollowedAnnouncer> followed;
};

struct ClockWord {
  ClockSource source = ClockSource::kernel;
  bool synchronised = false;
  bool follows = false;  // an announcer, by way of a listener
  ClockState state;      // without its reference time
};

[[nodiscard]] ClockWord clock_word(const ClockFacts& facts) noexcept;
// The same in words.
[[nodiscard]] std::string clock_reason(const ClockFacts& facts, const ClockWord& word);

}  // namespace timecast
