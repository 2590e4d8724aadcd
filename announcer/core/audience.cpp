// SPDX-License-Identifier: MIT
#include "announcer/core/audience.hpp"

#include <algorithm>

namespace timecast {
namespace {

constexpr Duration kHalfDay = Duration::seconds(43'200);
// Until they know their delay, hosts ask in pairs, and the wider the spread the slower: that comes
// to less than 200 queries a second for each 1000 hosts.
constexpr Duration kSpreadPerHost = Duration::milliseconds(120);
constexpr Duration kLeastSpread = Duration::seconds(1);
// 10 000 hosts then ask 1000 times a second at most, and have the time within two minutes.
constexpr Duration kMostSpread = Duration::seconds(80);
constexpr Duration kFirstSpread = Duration::seconds(30);
// Who asks late, as busy hosts do, is not taken for nobody: it narrows no faster from one look to
// the next.
constexpr std::int64_t kNarrowing = 4;
constexpr Duration kBetweenLooks = Duration::milliseconds(500);
constexpr std::uint32_t kOneHost = 16;

std::int64_t in_ms(Duration span) noexcept { return span.count_ns() / 1'000'000; }

}  // namespace

void Audience::forget_old(Timestamp<Boot> now) noexcept {
  if (now - half_day_began_ <= kHalfDay) return;
  half_day_began_ = now;
  counted_before_ = counted_;
  counted_ = 0;
  taken_ = {};
  free_ = kPlaces;
}

void Audience::note(std::uint64_t hash, Timestamp<Boot> now) noexcept {
  forget_old(now);
  const auto place = static_cast<std::uint32_t>(hash % kPlaces);
  std::uint32_t& word = taken_[place / 32];
  const std::uint32_t bit = std::uint32_t{1} << (place % 32);
  if ((word & bit) != 0) return;
  word |= bit;
  const std::uint32_t stands_for = kOneHost * kPlaces / free_;
  counted_ += stands_for;
  arrived_ += stands_for;
  --free_;
}

std::uint32_t Audience::count() const noexcept {
  return (std::max(counted_, counted_before_) + kOneHost / 2) / kOneHost;
}

// As many may still come as have, at the rate at which they come now.
Duration Audience::query_spread(Timestamp<Boot> now) noexcept {
  if (!looked_) {
    looked_ = now;
    half_day_began_ = now;
    spread_ = kFirstSpread;
  }
  const Duration passed = now - *looked_;
  if (passed < kBetweenLooks) return spread_;
  looked_ = now;
  forget_old(now);
  const Duration each = kSpreadPerHost / kOneHost;
  const Duration at_this_rate = each * arrived_ * in_ms(spread_) / in_ms(passed);
  arrived_ = 0;
  const Duration for_known = each * std::max(counted_, counted_before_);
  const Duration wanted = longer(longer(for_known, at_this_rate), spread_ / kNarrowing);
  spread_ = std::clamp(wanted, kLeastSpread, kMostSpread);
  return spread_;
}

}  // namespace timecast
