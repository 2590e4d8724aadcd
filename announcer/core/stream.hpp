// SPDX-License-Identifier: MIT
//
// One destination that is announced to through one interface: when the next packet is due, and
// what the last one left behind.
//
// Builds:  freestanding.
// Source:  RFC 9769 section 4 (true transmit time in the next packet's origin).
#pragma once

#include <cstdint>
#include <optional>

#include <timecast/time/ntp_time.hpp>
#include <timecast/time/timestamp.hpp>
#include <timecast/wire/entropy.hpp>

namespace timecast {

using StreamId = std::uint32_t;

enum class StreamKind : std::uint8_t {
  precise,  // signed, every second, interleaved: for timecast listeners
  plain,    // exactly 48 octets, every nine seconds, silent while unsynchronised: for anybody
};

struct Stream {
  bool in_use = false;
  StreamKind kind = StreamKind::precise;
  StreamId id = 0;
  std::uint16_t chain = 0;
  Timestamp<Boot> due;

  // The last packet sent: its true transmit time becomes the next packet's origin.
  std::uint32_t token = 0;
  std::optional<Timestamp<Announced>> written_at;  // clock reading before it was signed
  std::optional<Timestamp<Announced>> left_at;     // stamp of the kernel
  std::uint64_t sequence = 0;                      // last announced
  Moment sent;
  std::uint32_t packets = 0;

  void forget_last() noexcept {
    written_at.reset();
    left_at.reset();
  }
};

// Spacing of the plain stream: 2^poll + 1 s at least, because ntpd's broadcast client drops what
// comes sooner than 2^poll s after the last; up to 6 % longer at random, so that two announcers do
// not keep step.
inline constexpr std::int8_t kPlainPoll = 3;
inline constexpr Duration kPlainSpacing = Duration::seconds((1 << kPlainPoll) + 1);

// The next instant of the grid `phase + k * interval` that is at least half an interval away,
// shaken by up to 10 ms (a hundredth of a shorter interval).
[[nodiscard]] Timestamp<Boot> next_on_grid(Timestamp<Boot> now, Duration interval, Duration phase,
                                           const Entropy& entropy) noexcept;
[[nodiscard]] Timestamp<Boot> next_plain(Timestamp<Boot> now, const Entropy& entropy) noexcept;

}  // namespace timecast
