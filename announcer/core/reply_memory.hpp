// SPDX-License-Identifier: MIT
//
// When recent replies truly left, so that the next reply to the same client can tell it.
//
// A reply is known by the receive stamp that it carried; the client sends that back as its next
// request's origin. Each is told once. Of two replies with one receive stamp neither is known.
// Forgetting costs a client no more than one basic reply, so the memory is small and fixed.
//
// Builds:  freestanding; 32 KB.
// Source:  RFC 9769 section 2 (interleaved client/server mode).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include <timecast/time/ntp_time.hpp>
#include <timecast/time/timestamp.hpp>

namespace timecast {

// Receive stamps are odd and transmit stamps even, so that neither can pass for the other; it
// costs a quarter of a nanosecond. Both are rounded up, so that nothing is sent before the
// reference time that it carries.
[[nodiscard]] constexpr NtpTimestamp as_receive_stamp(NtpTimestamp stamp) noexcept {
  return NtpTimestamp{stamp.bits() | 1U};
}
[[nodiscard]] constexpr NtpTimestamp as_transmit_stamp(NtpTimestamp stamp) noexcept {
  const std::uint64_t even = (stamp.bits() + 1) & ~std::uint64_t{1};
  return NtpTimestamp{even == 0 ? 2 : even};
}

class ReplyMemory {
 public:
  // A reply with this receive stamp is about to leave to a client of this name, which is no more
  // than some octets that others can hardly have too; returns where it is remembered.
  std::size_t remember(NtpTimestamp receive, std::uint32_t client) noexcept;
  // It left. REQUIRES: `place` from remember(). Nothing if another reply has taken the place.
  void left(std::size_t place, NtpTimestamp receive, Timestamp<Announced> at) noexcept;
  // When the reply to this client with this receive stamp left; nothing if that is not known, or
  // was told before.
  [[nodiscard]] std::optional<Timestamp<Announced>> take(NtpTimestamp receive,
                                                         std::uint32_t client) noexcept;
  // Whether this client, which names the receive stamp, has got that reply.
  [[nodiscard]] bool knows(NtpTimestamp receive, std::uint32_t client) const noexcept {
    const Entry& entry = entries_[place_of(receive)];
    return !receive.is_unknown() && entry.receive == receive && entry.client == client;
  }
  void forget_all() noexcept { *this = ReplyMemory{}; }

 private:
  struct Entry {
    NtpTimestamp receive;  // unknown: the place is free
    std::uint32_t client = 0;
    std::optional<Timestamp<Announced>> left;
  };
  static constexpr std::size_t kPlaces = 1'024;
  [[nodiscard]] static std::size_t place_of(NtpTimestamp receive) noexcept;

  std::array<Entry, kPlaces> entries_{};
};

}  // namespace timecast
