// SPDX-License-Identifier: MIT
#include "listener/core/quality.hpp"

#include "listener/core/bounds.hpp"
#include "listener/core/gaussian_tail.hpp"

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
Verdict while_hearing(const Source& source, const ListenerConfig& config,
                      bool lateness_bounded) noexcept {
  if (config.listen_only) return {State::tentative, Reason::listen_only};
  if (!source.confirmed()) return {State::tentative, Reason::delay_unverified};
  if (!lateness_bounded) return {State::tentative, Reason::not_signed};
  if (source.agreeing < kAgreeingPackets) return {State::tentative, Reason::few_announcements};
  return {State::synchronised, Reason::agreeing};
}

Verdict verdict(const Source& source, const ListenerConfig& config, const Quality& quality,
                Timestamp<Boot> now) noexcept {
  if (quality.bound > config.max_bound) return {State::lost, Reason::bound_too_large};
  const Verdict heard = while_hearing(source, config, quality.lateness_bounded);
  if (!source.silent(now)) return heard;
  const bool is_asked = heard.state == State::synchronised && source.answers_in_silence();
  return is_asked ? Verdict{State::synchronised, Reason::unicast_alone}
                  : Verdict{State::holdover, Reason::silence};
}

}  // namespace

Quality judge(const Source& source, const ListenerConfig& config, const Moment& now) noexcept {
  const Estimator& estimator = source.estimator;
  const Duration age = longer(now.raw - estimator.newest(), Duration{});

  Quality q;
  q.estimate = estimator.at(now.raw);
  q.delay = longer(estimator.delay(), Duration{});
  if (source.proven()) {
    const Duration one_way = longer(estimator.unicast_delay(), Duration{});
    q.round_trip = one_way + one_way;
  }
  q.root_distance = root_distance(source.header);
  q.lateness_bounded = bounds_lateness(source, config);
  // While this host slept the raw clock stood still, and the estimate with it.
  q.error = q.estimate.error + config.precision.to_duration() + source.slept_by(now);
  // Asymmetry hides what no exchange has ruled out; everything else is already in the error.
  q.bound = q.root_distance + q.error + estimator.hard_error(now.raw) + kDrift.over(age);
  const Verdict v = verdict(source, config, q, now.boot);
  q.state = v.state;
  q.reason = v.reason;
  return q;
}

// The bound grows ever faster, so that a chord lies above it; but no faster than with the square of
// time. That tells a time that is too late, a chord from now to there one that is not, and a chord
// between the two one that is later.
Timestamp<Boot> valid_until(const Quality& quality, const Source& source,
                            const ListenerConfig& config, const Moment& now) noexcept {
  const Duration room = config.max_bound - quality.bound;
  if (room <= Duration{}) return now.boot;
  const Estimator& estimator = source.estimator;
  const Duration wrong = quality.estimate.error + estimator.hard_error(now.raw);
  const auto growth_in = [&](double seconds) {
    const Duration span = Duration::from_seconds(seconds);
    const Timestamp<Raw> then = now.raw + span;
    const Duration more = estimator.at(then).error + estimator.hard_error(then) - wrong;
    return (more + kDrift.over(span)).to_seconds();
  };
  const double left = room.to_seconds();
  const double longest = left / kDrift.to_ratio();
  const double late = longest * root_of(left / larger(growth_in(longest), left));
  const double most = larger(growth_in(late), left);
  const double safe = late * left / most;
  const double reached = growth_in(safe);
  const double more = most > reached ? (late - safe) * (left - reached) / (most - reached) : 0;
  return now.boot + Duration::from_seconds(safe + more);
}

}  // namespace timecast
