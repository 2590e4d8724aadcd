// SPDX-License-Identifier: MIT
#include "listener/core/steering.hpp"

#include <algorithm>

namespace timecast {
namespace {

constexpr Duration kPeriod = Duration::seconds(1);
constexpr Duration kFirstPeriod = Duration::milliseconds(250);
constexpr std::uint8_t kFirstUpdates = 3;
constexpr Duration kFirstStep = Duration::milliseconds(100);
constexpr float kMemoryShare = 0.1F;
constexpr float kAgeShare = 1.0F / 3;
constexpr float kFarSigmas = 5;
constexpr float kNearNs = 1'000;
constexpr float kStartNs = 60e9F;

// Single precision is a ten-millionth of what is corrected.
float ns(Duration d) noexcept { return static_cast<float>(d.count_ns()); }
constexpr float kPeriodNs = 1e9F;

// How much of the offset, `far` away, shall be gone after one period.
float share_of(const Course& course, float far, float age) noexcept {
  if (age < kStartNs && far > kFarSigmas * ns(course.sigma) + kNearNs) return 1;
  const float tau = std::min(kMemoryShare * ns(course.memory), kAgeShare * age);
  return tau > kPeriodNs ? kPeriodNs / tau : 1;
}

}  // namespace

bool Steering::watch_distance(Duration far, Timestamp<Raw> now,
                              const std::optional<Duration>& step_over) noexcept {
  const bool was_far = is_far_;
  is_far_ = step_over && far > *step_over;
  if (is_far_ && was_far) return false;
  is_confirmed_ = false;
  far_since_ = now;
  return is_far_;
}

bool Steering::update(const Course& course, const Moment& now, const ListenerConfig& config,
                      Effects& effects) noexcept {
  const float age = ns(now.boot - std::max(course.since, stepped_));
  const bool is_synchronised = course.state == State::synchronised;
  const bool is_tentative = course.state == State::tentative;
  due_ = now.boot + (is_tentative && age < kStartNs ? kFirstPeriod : kPeriod);
  if (course.doubtful || !(is_synchronised || is_tentative)) return false;

  effects.add(EffectKind::set_frequency).frequency = course.frequency;
  const Duration far = magnitude(course.offset);
  const bool wants_exchange = watch_distance(far, now.raw, config.step_over);
  const bool is_first = updates_ < kFirstUpdates;
  if (is_synchronised && (is_confirmed_ || (is_first && far > kFirstStep))) {
    effects.add(EffectKind::step).amount = course.offset;
    is_far_ = false;
    stepped_ = now.boot;
  } else {
    const auto most = static_cast<float>(config.max_slew.count_ppb());  // in ns, within a second
    const float wanted = ns(course.offset) * share_of(course, ns(far), age);
    Effect& slew = effects.add(EffectKind::slew);
    slew.amount = Duration::nanoseconds(static_cast<std::int64_t>(std::clamp(wanted, -most, most)));
    slew.over = kPeriod;
  }
  if (is_synchronised && is_first) ++updates_;
  return is_far_ && wants_exchange;
}

}  // namespace timecast
