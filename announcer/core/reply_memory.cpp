// SPDX-License-Identifier: MIT
#include "announcer/core/reply_memory.hpp"

namespace timecast {

std::size_t ReplyMemory::place_of(NtpTimestamp receive) noexcept {
  // The bits that differ between stamps of one burst, spread by 2^64 over the golden ratio.
  return static_cast<std::size_t>((receive.bits() * 0x9E37'79B9'7F4A'7C15U) >> 32U) % kPlaces;
}

std::size_t ReplyMemory::remember(NtpTimestamp receive, std::uint32_t client) noexcept {
  const std::size_t place = place_of(receive);
  Entry& entry = entries_[place];
  const bool twice = entry.receive == receive;
  entry = Entry{twice ? NtpTimestamp{} : receive, client, std::nullopt};
  return place;
}

void ReplyMemory::left(std::size_t place, NtpTimestamp receive, Timestamp<Announced> at) noexcept {
  Entry& entry = entries_[place];
  if (entry.receive == receive) entry.left = at;
}

std::optional<Timestamp<Announced>> ReplyMemory::take(NtpTimestamp receive,
                                                      std::uint32_t client) noexcept {
  Entry& entry = entries_[place_of(receive)];
  if (!knows(receive, client) || !entry.left) return std::nullopt;
  const Timestamp<Announced> at = *entry.left;
  entry = Entry{};
  return at;
}

}  // namespace timecast
