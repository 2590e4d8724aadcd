// SPDX-License-Identifier: MIT
//
// Whose transmit stamp is it? The kernel numbers the datagrams of a socket that asked for a stamp;
// this remembers which token each number stands for.
//
// Whether a send that failed used up a number depends on where it failed. From then on the number
// of the next datagram is known only as a range; no second one asks for a stamp until that one's
// has come or is overdue. So a stamp is dropped rather than given to the wrong token.
//
// Errors:  none; more than kCapacity stamps under way drop the oldest.
// Threads: one.
// Source:  kernel documentation, networking/timestamping, SOF_TIMESTAMPING_OPT_ID.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include <timecast/time/timestamp.hpp>

namespace timecast {

class StampLedger {
 public:
  static constexpr std::size_t kCapacity = 128;
  // Stamps come within a millisecond, or never: some devices give none.
  static constexpr Duration kOverdue = Duration::seconds(1);

  // May a datagram that is sent now ask for a stamp?
  [[nodiscard]] bool may_ask(Timestamp<Realtime> now) noexcept;
  // Whether any number of datagrams may, one right after the other.
  [[nodiscard]] bool is_certain() const noexcept { return doubt_ == 0; }
  // It asked and left. `before` is the time just before it was sent.
  void sent(std::uint32_t token, Timestamp<Realtime> before) noexcept;
  // It asked, and sending it failed.
  void failed() noexcept { ++doubt_; }
  // The token for a stamp with the kernel's number; nothing if it is of no datagram under way.
  [[nodiscard]] std::optional<std::uint32_t> take(std::uint32_t number,
                                                  Timestamp<Realtime> stamp) noexcept;

 private:
  struct Entry {
    bool under_way = false;
    std::uint32_t number = 0;  // the least it can be
    std::uint32_t doubt = 0;   // how much greater it can be
    std::uint32_t token = 0;
    Timestamp<Realtime> before;
  };

  void settle(const Entry& entry, std::uint32_t number) noexcept;
  void catch_up(std::uint32_t number) noexcept;

  std::array<Entry, kCapacity> entries_{};
  std::size_t latest_ = 0;         // entry of the last datagram that asked
  std::uint32_t next_number_ = 0;  // the least that the next datagram can get; wraps
  std::uint32_t doubt_ = 0;        // sends that failed since a number was certain
};

}  // namespace timecast
