// SPDX-License-Identifier: MIT
#include "common/host/hardware_clock.hpp"

namespace timecast {

namespace {

// Whoever steers either clock stays below; beyond, one of them was set.
constexpr double kFastest = 1e-3;
// What a rate changes by from one reading to the next, unseen.
constexpr double kRateNoise = 1e-6;
// Two readings closer than that give no rate.
constexpr Duration kClosest = Duration::milliseconds(100);
// Between two readings of one moment, even where the machine was busy.
constexpr Duration kGapNoise = Duration::microseconds(200);

Duration width(const ClockSandwich& sandwich) noexcept { return sandwich.after - sandwich.before; }

// The narrowest of those whose clock did not go backwards; nullptr if there is none.
const ClockSandwich* narrowest(std::span<const ClockSandwich> sandwiches) noexcept {
  const ClockSandwich* best = nullptr;
  for (const ClockSandwich& each : sandwiches) {
    if (width(each) < Duration{}) continue;
    if (best == nullptr || width(each) < width(*best)) best = &each;
  }
  return best;
}

}  // namespace

HardwareClock::Reading HardwareClock::read(std::span<const ClockSandwich> sandwiches,
                                           Duration gap) noexcept {
  const ClockSandwich* const best = narrowest(sandwiches);
  if (best == nullptr || width(*best) > kWidest) return Reading::unfit;
  const Duration half_width = width(*best) / 2;
  const Point point{best->hardware, best->before + half_width, half_width};
  if (agreed_ == 0) {
    begin_with(point, gap);
    return Reading::kept;
  }
  const Duration system = point.system - last_.system;
  if (magnitude(system) < kClosest && fits(point, gap)) return Reading::unfit;
  if (!fits(point, gap)) {
    begin_with(point, gap);
    return Reading::set;
  }
  const Duration hardware = point.hardware - last_.hardware;
  deviation_ = agreed_ == 1 ? Duration{} : magnitude(point.system - system_at(point.hardware));
  rate_ = (system - hardware).to_seconds() / hardware.to_seconds();
  last_ = point;
  gap_ = gap;
  if (agreed_ < kAgreed) ++agreed_;
  return Reading::kept;
}

bool HardwareClock::fits(const Point& point, Duration gap) const noexcept {
  const Duration hardware = point.hardware - last_.hardware;
  const Duration system = point.system - last_.system;
  if (hardware <= Duration{} || system <= Duration{}) return false;
  if (magnitude(gap - gap_) > kGapNoise) return false;
  const Duration widths = point.half_width + last_.half_width;
  if (magnitude(system - hardware) > widths + stretched(hardware, kFastest)) return false;
  if (agreed_ == 1) return true;
  return magnitude(point.system - system_at(point.hardware)) <= widths + kMostDeviation;
}

Timestamp<Realtime> HardwareClock::system_at(Timestamp<Hardware> stamp) const noexcept {
  const Duration since = stamp - last_.hardware;
  return last_.system + since + stretched(since, rate_);
}

void HardwareClock::begin_with(const Point& point, Duration gap) noexcept {
  *this = HardwareClock{};
  last_ = point;
  gap_ = gap;
  agreed_ = 1;
}

std::optional<HardwareClock::Instant> HardwareClock::convert(Timestamp<Hardware> stamp,
                                                             Duration gap) const noexcept {
  if (!is_known() || magnitude(gap - gap_) > kGapNoise) return std::nullopt;
  const Duration since = magnitude(stamp - last_.hardware);
  if (since > kFarthest) return std::nullopt;
  return Instant{system_at(stamp), last_.half_width + deviation_ + stretched(since, kRateNoise)};
}

}  // namespace timecast
