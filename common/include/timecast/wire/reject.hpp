// SPDX-License-Identifier: MIT
//
// Why a datagram was not taken. Every check has its own name; whoever refuses counts by it, and
// nothing but that counter changes.
//
// Builds:  freestanding, constexpr.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace timecast {

enum class Reject : std::uint8_t {
  // Structure: decode() (RFC 5905 section 7.3, RFC 7822).
  too_short,
  too_long,
  length_not_multiple_of_four,
  bad_version,
  bad_field_length,
  bad_mac_length,
  // What kind of packet it is, and how it came.
  bad_mode,
  bad_destination,
  bad_source,
  bad_hop_limit,
  // The announcement field.
  no_announcement,
  bad_announcement,
  bad_signature,
  unknown_key,
  // Is it new?
  duplicate,
  replayed,
  zero_transmit,
  timeline_break,
  // Can its sender be believed?
  unsynchronised,
  bad_stratum,
  root_distance_too_large,
  bad_reference_time,
  implausible_time,
  timing_loop,
  table_full,
  // Replies.
  unsolicited,
  origin_mismatch,
  kiss_of_death,
  implausible_exchange,
  // Requests.
  not_allowed,
  rate_limited,
  unknown_mac,
  stale_request,
  // Of a symmetric key.
  missing_mac,
  bad_mac,
};

inline constexpr std::size_t kRejectCount = static_cast<std::size_t>(Reject::bad_mac) + 1;

// What a check answers that finds nothing to refuse. Nobody counts it.
inline constexpr Reject kNotRejected = static_cast<Reject>(kRejectCount);

// The enumerator's name, for logs and JSON.
const char* to_string(Reject reason) noexcept;

// One counter a reason.
class RejectCounters {
 public:
  constexpr void count(Reject reason) noexcept { ++counts_[static_cast<std::size_t>(reason)]; }
  [[nodiscard]] constexpr std::uint32_t operator[](Reject reason) const noexcept {
    return counts_[static_cast<std::size_t>(reason)];
  }
  [[nodiscard]] constexpr std::uint64_t total() const noexcept {
    std::uint64_t sum = 0;
    for (const std::uint32_t count : counts_) sum += count;
    return sum;
  }
  friend constexpr bool operator==(const RejectCounters&, const RejectCounters&) noexcept = default;

 private:
  std::array<std::uint32_t, kRejectCount> counts_{};
};

}  // namespace timecast
