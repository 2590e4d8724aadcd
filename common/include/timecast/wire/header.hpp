// SPDX-License-Identifier: MIT
//
// The 48-octet NTP header as values, and its octets.
//
//     0 LI(2) VN(3) Mode(3) | 1 stratum | 2 poll | 3 precision
//     4 root delay          | 8 root dispersion | 12 reference id
//    16 reference timestamp | 24 origin | 32 receive | 40 transmit
//
// Errors:  none: every 48 octets are some header. What values are acceptable is the receiver's
//          business.
// Builds:  freestanding.
// Source:  RFC 5905 section 7.3, figure 8.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include <timecast/time/ntp_time.hpp>
#include <timecast/wire/octets.hpp>

namespace timecast {

inline constexpr std::size_t kHeaderOctets = 48;
inline constexpr std::size_t kTransmitOffset = 40;
inline constexpr std::uint8_t kNtpVersion = 4;
inline constexpr std::uint8_t kStratumUnspecified = 0;  // on the wire: unsynchronised or a kiss
inline constexpr std::uint8_t kMaxStratum = 15;

enum class Leap : std::uint8_t {
  none = 0,
  insert_second = 1,
  delete_second = 2,
  unsynchronised = 3
};

enum class Mode : std::uint8_t {
  reserved = 0,
  symmetric_active = 1,
  symmetric_passive = 2,
  client = 3,
  server = 4,
  broadcast = 5,
  control = 6,
  private_use = 7,
};

const char* to_string(Leap leap) noexcept;
const char* to_string(Mode mode) noexcept;

// Four octets whose meaning depends on the stratum (RFC 5905 section 7.3).
using ReferenceId = std::array<std::uint8_t, 4>;

struct Header {
  Leap leap = Leap::none;
  std::uint8_t version = kNtpVersion;  // 0..7
  Mode mode = Mode::reserved;
  std::uint8_t stratum = 0;
  Log2Seconds poll;
  Log2Seconds precision;
  NtpShort root_delay;
  NtpShort root_dispersion;
  ReferenceId reference_id{};
  NtpTimestamp reference;  // when the sender's clock was last set or corrected
  NtpTimestamp origin;
  NtpTimestamp receive;
  NtpTimestamp transmit;

  friend bool operator==(const Header&, const Header&) noexcept = default;
};

// How far the sender's clock may be from the truth, by its own word (RFC 5905 section 11.1, LAMBDA,
// without what grows since).
[[nodiscard]] Duration root_distance(const Header& header) noexcept;

using HeaderOctets = std::array<std::uint8_t, kHeaderOctets>;

// Of a client that tells nothing of itself.
inline constexpr Log2Seconds kUntoldPrecision{32};
// draft-ietf-ntp-data-minimization: version 4, mode 3, precision 32, all else zero. `transmit` is
// opaque: a random number.
Header minimal_request(NtpTimestamp transmit) noexcept;

Header decode_header(std::span<const std::uint8_t, kHeaderOctets> octets) noexcept;
HeaderOctets encode(const Header& header) noexcept;

}  // namespace timecast
