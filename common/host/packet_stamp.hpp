// SPDX-License-Identifier: MIT
//
// Which of a packet's stamps counts: the card's own if it can be converted and agrees with the
// kernel's, else the kernel's.
//
// Errors:  none; a stamp that cannot be believed is absent.
// Threads: any.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "common/host/hardware_clock.hpp"

namespace timecast {

enum class StampSource : std::uint8_t {
  user,     // this program read the clock
  kernel,   // in the driver
  hardware  // the card, at the wire
};
[[nodiscard]] std::string_view to_string(StampSource source) noexcept;

enum class Direction : std::uint8_t { received, sent };

// The kernel stamps what comes after the card did, and what goes before: by no more than this, or
// one of the two is wrong.
inline constexpr Duration kFarthestFromKernel = Duration::milliseconds(10);

// The card's stamp on this host's clock; nothing if it cannot be said or contradicts the kernel's.
// `gap` is realtime_gap() of now.
[[nodiscard]] std::optional<HardwareClock::Instant> believed(const HardwareClock& clock,
                                                             Timestamp<Hardware> raw,
                                                             Timestamp<Realtime> kernel,
                                                             Direction direction,
                                                             Duration gap) noexcept;

// Of the last datagrams sent, what the kernel stamped: the card's stamp comes later, with the same
// number.
class SentStamps {
 public:
  struct Sent {
    std::uint32_t number = 0;  // the kernel's, of the socket
    std::uint32_t token = 0;
    Timestamp<Realtime> stamp;
  };
  void add(const Sent& sent) noexcept;
  // Whether the card's stamp of the last one has not come.
  [[nodiscard]] bool waits() const noexcept { return waits_; }
  // And forgets it.
  [[nodiscard]] std::optional<Sent> take(std::uint32_t number) noexcept;

 private:
  static constexpr std::size_t kCapacity = 16;
  std::array<std::optional<Sent>, kCapacity> sent_{};
  std::size_t next_ = 0;
  bool waits_ = false;
};

}  // namespace timecast
