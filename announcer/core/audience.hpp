// SPDX-License-Identifier: MIT
//
// How many hosts ask this announcer, and over how long it has those that have yet to ask spread
// their first queries: so long that a whole site that comes up at once asks at a modest rate.
//
// Counted are addresses that have shown that replies reach them, so nobody who forges addresses can
// slow others down. What was counted is forgotten after half a day to a day. In the first second
// nobody knows how many there are: it begins with a wide spread and sees how many ask within it.
//
// Fixed memory: one bit for each of so many places. Of n hosts some share a place; a place that is
// found free when f of m are free stands for m / f hosts (linear counting).
//
// Builds:  freestanding; 1 KB.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include <timecast/time/timestamp.hpp>

namespace timecast {

class Audience {
 public:
  // A host has asked and shows that a reply has reached it. `hash`: of its address, by a random
  // key.
  void note(std::uint64_t hash, Timestamp<Boot> now) noexcept;
  // For the announcement that goes out now.
  [[nodiscard]] Duration query_spread(Timestamp<Boot> now) noexcept;
  // So many have asked.
  [[nodiscard]] std::uint32_t count() const noexcept;

 private:
  static constexpr std::uint32_t kPlaces = 8'192;

  void forget_old(Timestamp<Boot> now) noexcept;

  std::array<std::uint32_t, kPlaces / 32> taken_{};  // a bit each
  std::uint32_t free_ = kPlaces;
  // In sixteenths of a host.
  std::uint32_t counted_ = 0;         // in this half day
  std::uint32_t counted_before_ = 0;  // in the half day before
  std::uint32_t arrived_ = 0;         // since the last look
  std::optional<Timestamp<Boot>> looked_;
  Timestamp<Boot> half_day_began_;
  Duration spread_;
};

}  // namespace timecast
