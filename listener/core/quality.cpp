// SPDX-License-Identifier: MIT
#include "listener/core/quality.hpp"

namespace timecast {
namespace {

// PHI of RFC 5905 section 4: how fast a clock may leave its rate.
constexpr FrequencyPpb kDrift{15'000};

struct Verdict {
  State state;
  Reason reason;
};

// Where keys count, an answer without one bounds nothing: whoever can hold announcements back can
// write it as well.
bool bounds_lateness(const Source& source, const ListenerConfig& config) noexcept {
  return source.confirmed() && !(source.id.is_plain() && config.key_count > 0);
}

// State while announcements come.
Verdict while_hearing(const Source& source, const ListenerConfig& config) noexcept {
  if (config.listen_only) return {State::tentative, Reason::listen_only};
  if (!source.confirmed()) return {State::tentative, Reason::delay_unverified};
  if (!bounds_lateness(source, config)) return {State::tentative, Reason::not_signed};
  if (source.agreeing < kAgreeingPackets) return {State::tentative, Reason::few_announcements};
  return {State::synchronised, Reason::agreeing};
}

Verdict verdict(const Source& source, const ListenerConfig& config, const Quality& quality,
                Timestamp<Boot> now) noexcept {
  if (quality.bound > config.max_bound) return {State::lost, Reason::bound_too_large};
  if (source.silent(now)) return {State::holdover, Reason::silence};
  return while_hearing(source, config);
}

// For how long the bound will have `room` to grow, at least. The estimate's error, `error` now,
// grows ever faster: what it does in the longest time that could be overrates it in a shorter one.
Duration time_left(Duration room, const Estimator& estimator, Duration error,
                   Timestamp<Raw> now) noexcept {
  if (room <= Duration{}) return Duration{};
  const double seconds = room.to_seconds();
  const double longest = seconds / kDrift.to_ratio();
  const Duration then = estimator.at(now + Duration::from_seconds(longest)).error;
  return Duration::from_seconds(longest * seconds / (room + (then - error)).to_seconds());
}

}  // namespace

Quality judge(const Source& source, const ListenerConfig& config, const Moment& now) noexcept {
  const Estimate estimate = source.estimator.at(now.raw);
  const Duration age = longer(now.raw - source.estimator.newest(), Duration{});

  Quality q;
  q.ahead = estimate.ahead;
  q.delay = longer(source.estimator.delay(), Duration{});
  if (source.proven()) {
    q.round_trip = longer(stretched(source.estimator.unicast_delay(), 2), Duration{});
  }
  q.root_distance =
      source.header.root_delay.to_duration() / 2 + source.header.root_dispersion.to_duration();
  q.lateness_bounded = bounds_lateness(source, config);
  // While this host slept the raw clock stood still, and the estimate with it.
  q.error = estimate.error + config.precision.to_duration() + slept_between(source.arrival, now);
  // Asymmetry hides what no exchange has ruled out; everything else is already in the error.
  q.bound = q.root_distance + q.error + source.estimator.hard_error() + kDrift.over(age);
  const Verdict v = verdict(source, config, q, now.boot);
  q.state = v.state;
  q.reason = v.reason;
  q.valid_until =
      now.boot + time_left(config.max_bound - q.bound, source.estimator, estimate.error, now.raw);
  return q;
}

}  // namespace timecast
