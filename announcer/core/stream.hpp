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

// One instant on the clock that is announced and on this host's others.
struct AnnouncedMoment {
  Timestamp<Announced> announced;
  Moment host;
};

using StreamId = std::uint32_t;

enum class StreamKind : std::uint8_t {
  precise,  // signed, every second, interleaved: for timecast listeners
  // Exactly 48 octets, and a MAC where it has a key; every nine seconds, silent while
  // unsynchronised: for anybody.
  plain,
};

struct Stream {
  bool in_use = false;
  StreamKind kind = StreamKind::precise;
  StreamId id = 0;
  std::uint16_t chain = 0;
  std::uint32_t key = 0;  // of its MACs, if it is a plain one that has them
  Timestamp<Boot> due;
  std::uint64_t sequence = 0;  // last announced

  // The last packet: its true transmit time becomes the next packet's origin.
  std::uint32_t token = 0;
  std::optional<AnnouncedMoment> written;       // clock readings before it was signed
  std::optional<Timestamp<Announced>> left_at;  // stamp of the kernel
  bool said_stepped = false;
  // A step that its listeners have not been told of, because that packet could not be sent.
  bool owes_step = false;
};

// Spacing of the plain stream: 2^poll + 1 s at least, because ntpd's broadcast client drops what
// comes sooner than 2^poll s after the last; up to 6 % longer at random, so that two announcers do
// not keep step.
inline constexpr std::int8_t kPlainPoll = 3;
inline constexpr Duration kPlainSpacing = Duration::seconds((1 << kPlainPoll) + 1);

// The next instant of the grid `phase + k * interval`, shaken by up to 10 ms (a hundredth of a
// shorter interval), that is at least half an interval away. REQUIRES: phase < interval.
[[nodiscard]] Timestamp<Boot> next_on_grid(Timestamp<Boot> now, Duration interval, Duration phase,
                                           const Entropy& entropy) noexcept;
[[nodiscard]] Timestamp<Boot> next_plain(Timestamp<Boot> now, const Entropy& entropy) noexcept;

}  // namespace timecast
