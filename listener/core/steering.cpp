// SPDX-License-Identifier: MIT
#include "listener/core/steering.hpp"

#include <algorithm>

namespace timecast {
namespace {

constexpr Duration kPeriod = Duration::seconds(1);
constexpr Duration kFirstPeriod = Duration::milliseconds(250);
constexpr Duration kStart = Duration::seconds(60);
constexpr std::uint8_t kFirstUpdates = 3;
constexpr Duration kFirstStep = Duration::milliseconds(100);
constexpr float kMemoryShare = 0.1F;
constexpr float kAgeShare = 1.0F / 3;
constexpr float kFarSigmas = 5;
constexpr float kNearNs = 1'000;

// Single precision is a ten-millionth of what is corrected.
float ns(Duration d) noexcept { return static_cast<float>(d.count_ns()); }
constexpr float kPeriodNs = 1e9F;

// How much of the offset shall be gone after one period.
float share_of(const Course& course, Duration age) noexcept {
  const bool is_far = ns(magnitude(course.offset)) > kFarSigmas * ns(course.sigma) + kNearNs;
  if (is_far && age < kStart) return 1;
  const float tau = std::min(kMemoryShare * ns(course.memory), kAgeShare * ns(age));
  return tau > kPeriodNs ? kPeriodNs / tau : 1;
}

}  // namespace

bool Steering::may_step(const Course& course) const noexcept {
  if (course.state != State::synchronised) return false;
  return is_confirmed_ || (updates_ < kFirstUpdates && magnitude(course.offset) > kFirstStep);
}

bool Steering::watch_distance(Duration offset, Timestamp<Raw> now,
                              const std::optional<Duration>& step_over) noexcept {
  const bool was_far = is_far_;
  is_far_ = step_over && magnitude(offset) > *step_over;
  if (is_far_ && was_far) return false;
  is_confirmed_ = false;
  far_since_ = now;
  return is_far_;
}

bool Steering::update(const Course& course, const Moment& now, const ListenerConfig& config,
                      Effects& effects) noexcept {
  const Duration age = now.boot - std::max(course.since, stepped_);
  const bool waits = course.state == State::tentative && age < kStart;
  due_ = now.boot + (waits ? kFirstPeriod : kPeriod);
  if (course.doubtful ||
      (course.state != State::tentative && course.state != State::synchronised)) {
    return false;
  }
  effects.add(EffectKind::set_frequency).frequency = course.frequency;
  const bool found_far = watch_distance(course.offset, now.raw, config.step_over);
  const bool steps = may_step(course);
  if (course.state == State::synchronised && updates_ < kFirstUpdates) ++updates_;
  Effect& correction = effects.add(steps ? EffectKind::step : EffectKind::slew);
  correction.over = kPeriod;
  if (steps) {
    correction.amount = course.offset;
    is_far_ = false;
    stepped_ = now.boot;
    return false;
  }
  const auto most = static_cast<float>(config.max_slew.count_ppb());  // in ns, within a second
  const float amount = std::clamp(ns(course.offset) * share_of(course, age), -most, most);
  correction.amount = Duration::nanoseconds(static_cast<std::int64_t>(amount));
  return found_far;
}

}  // namespace timecast
