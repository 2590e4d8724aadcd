// SPDX-License-Identifier: MIT
//
// What an announcer is told before it starts.
//
// Builds:  freestanding; a plain value that the announcer copies.
#pragma once

#include <cstdint>
#include <optional>

#include <timecast/time/duration.hpp>
#include <timecast/time/ntp_time.hpp>
#include <timecast/wire/announcement.hpp>
#include <timecast/wire/entropy.hpp>
#include <timecast/wire/header.hpp>
#include <timecast/wire/mac.hpp>
#include <timecast/wire/signature.hpp>

namespace timecast {

struct RateLimit {
  bool enabled = true;
  Duration spacing = Duration::seconds(1);  // one answer per this, per client address
  std::uint32_t burst = 64;
  friend bool operator==(const RateLimit&, const RateLimit&) noexcept = default;
};

struct AnnouncerConfig {
  Entropy entropy;                           // REQUIRED
  Signer signer;                             // REQUIRED
  Duration interval = Duration::seconds(1);  // of the precise stream
  // Over how long new listeners spread their first queries; if it is left out, by their number.
  std::optional<Duration> query_spread;
  bool island = false;       // this clock is the reference, whatever the kernel says
  std::uint8_t stratum = 3;  // announced while the kernel says synchronised; 10 for islands
  ReferenceId reference_id{};
  // The word of the key before for this one; in every announcement.
  std::optional<Successor> successor;
  // Of plain streams that have one, and of requests: each is answered by the key that it names.
  MacKeys macs;
  Log2Seconds precision{-20};                              // of this host's clock
  Duration dispersion_floor = Duration::microseconds(10);  // some daemons tell the kernel zero
  RateLimit rate_limit;
  std::uint64_t first_sequence = 1;  // REQUIRED to be above all that was ever sent with this key
};

}  // namespace timecast
