// SPDX-License-Identifier: MIT
#include "listener/core/steering.hpp"

#include <algorithm>

namespace timecast {
namespace {

constexpr Duration kPeriod = Duration::seconds(1);
constexpr Duration kFirstPeriod = Duration::milliseconds(250);
constexpr std::uint8_t kFirstUpdates = 3;
constexpr Duration kFirstStep = Duration::milliseconds(100);
constexpr std::int64_t kPartOfMemory = 10;
constexpr std::int64_t kPartOfAge = 3;
constexpr double kFarSigmas = 5;
constexpr Duration kStart = Duration::seconds(60);
constexpr Duration kNear = Duration::microseconds(1);

// How much of the offset shall be gone after one period. (In doubles, as everything else here: a
// second precision would bring its own routines along where there is no hardware for either.)
Duration part_of_offset(const Course& course, Duration age) noexcept {
  const bool is_far = magnitude(course.offset) > stretched(course.sigma, kFarSigmas) + kNear;
  const Duration tau = shorter(course.memory / kPartOfMemory, age / kPartOfAge);
  if ((is_far && age < kStart) || tau <= kPeriod) return course.offset;
  return stretched(course.offset, kPeriod.to_seconds() / tau.to_seconds());
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
  const Duration age = now.boot - std::max(course.since, stepped_);
  const bool is_synchronised = course.state == State::synchronised;
  const bool is_tentative = course.state == State::tentative;
  due_ = now.boot + (is_tentative && age < kStart ? kFirstPeriod : kPeriod);
  if (course.refuted) {
    effects.add(EffectKind::slew).over = kPeriod;
    return false;
  }
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
    Effect& slew = effects.add(EffectKind::slew);
    slew.amount = part_of_offset(course, age);
    // What cannot be gone within a second takes longer, and is replaced before it ends.
    slew.over =
        longer(kPeriod, stretched(magnitude(slew.amount), 1e9 / config.max_slew.count_ppb()));
  }
  counted_ = is_synchronised && is_first;
  if (counted_) {
    ++updates_;
    began_ = std::min(began_, now.boot);
  }
  return is_far_ && wants_exchange;
}

}  // namespace timecast
