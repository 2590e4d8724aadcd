// SPDX-License-Identifier: MIT
#include "listener/daemon/page_values.hpp"

#include <algorithm>
#include <cmath>

#include <timecast/now.h>

namespace timecast {

namespace {

template <class Ours>
constexpr bool same(Ours ours, int theirs) {
  return static_cast<int>(ours) == theirs;
}

static_assert(same(State::searching, TIMECAST_SEARCHING) &&
              same(State::tentative, TIMECAST_TENTATIVE) &&
              same(State::synchronised, TIMECAST_SYNCHRONISED) &&
              same(State::holdover, TIMECAST_HOLDOVER) && same(State::lost, TIMECAST_LOST));
static_assert(same(Reason::nothing_heard, TIMECAST_NOTHING_HEARD) &&
              same(Reason::everything_refused, TIMECAST_EVERYTHING_REFUSED) &&
              same(Reason::announcer_unsynchronised, TIMECAST_ANNOUNCER_UNSYNCHRONISED) &&
              same(Reason::few_announcements, TIMECAST_FEW_ANNOUNCEMENTS) &&
              same(Reason::delay_unverified, TIMECAST_DELAY_UNVERIFIED) &&
              same(Reason::listen_only, TIMECAST_LISTEN_ONLY) &&
              same(Reason::not_signed, TIMECAST_NOT_SIGNED) &&
              same(Reason::agreeing, TIMECAST_AGREEING) &&
              same(Reason::silence, TIMECAST_SILENCE) &&
              same(Reason::bound_too_large, TIMECAST_BOUND_TOO_LARGE) &&
              same(Reason::announcers_disagree, TIMECAST_ANNOUNCERS_DISAGREE) &&
              same(Reason::unicast_alone, TIMECAST_UNICAST_ALONE));
static_assert(same(Leap::none, TIMECAST_LEAP_NONE) &&
              same(Leap::insert_second, TIMECAST_LEAP_INSERT) &&
              same(Leap::delete_second, TIMECAST_LEAP_DELETE) &&
              same(Leap::unsynchronised, TIMECAST_LEAP_UNSYNCHRONISED));

// Error and bound grow ever faster, so a straight line between two ages is never below them. The
// first piece serves while the daemon writes, the others where it no longer does.
constexpr std::array<std::int64_t, kPageGrowths> kEndSeconds{2, 30, 600, 86'400};
constexpr double kPptOne = 1e12;
constexpr std::int64_t kMostPpt = 1'000'000'000'000;
// A bound is a sum of some roundings to a nanosecond.
constexpr Duration kRoundings = Duration::nanoseconds(4);
// Over so many seconds a nanosecond is one part in 10^12.
constexpr std::int64_t kRateSeconds = 1'000;
constexpr std::int64_t kMostRatePpt = 1'000'000'000;

std::int64_t growth_ppt(Duration from, Duration to, Duration span) {
  const double ratio = (to - from).to_seconds() / span.to_seconds();
  return std::clamp(static_cast<std::int64_t>(std::ceil(std::min(ratio, 1.0) * kPptOne)),
                    std::int64_t{0}, kMostPpt);
}

// The clocks of the moment run on alike, so that the offset changes by the announcer's rate alone.
std::int64_t rate_ppt(const Foresight& status_at, const Moment& now, Duration offset) {
  const ListenerStatus later = status_at(shifted(now, Duration::seconds(kRateSeconds)));
  return std::clamp((later.offset - offset).count_ns(), -kMostRatePpt, kMostRatePpt);
}

// Knots up to the end of validity; at least a second apart, for a rate that is worth its name.
void foresee(const Foresight& status_at, const Moment& now, Duration valid_for,
             PageValues& values) {
  Duration from;
  ListenerStatus at_from = status_at(now);
  for (std::size_t i = 0; i < kPageGrowths; ++i) {
    const Duration end = std::min(Duration::seconds(kEndSeconds[i]), valid_for);
    const Duration to = std::max(end, from + Duration::seconds(1));
    const ListenerStatus at_to = status_at(shifted(now, to));
    values.growth[i] = {from.count_ns(), at_from.error.count_ns(),
                        (at_from.bound + kRoundings).count_ns(),
                        growth_ppt(at_from.error, at_to.error, to - from),
                        growth_ppt(at_from.bound, at_to.bound, to - from)};
    from = to;
    at_from = at_to;
  }
}

}  // namespace

PageValues page_values(const Foresight& status_at, const Moment& now, Timestamp<Boot> started) {
  const ListenerStatus status = status_at(now);
  PageValues values{};
  values.raw_ns = now.raw.since_epoch().count_ns();
  values.boot_ns = now.boot.since_epoch().count_ns();
  values.started_ns = started.since_epoch().count_ns();
  values.valid_until_ns = values.boot_ns;
  values.state = static_cast<std::uint32_t>(status.state);
  values.reason = static_cast<std::uint32_t>(status.reason);
  values.leap = static_cast<std::uint32_t>(status.leap);
  if (status.state == State::searching || status.state == State::lost) return values;
  const Duration valid_for = std::clamp(status.valid_until - now.boot, Duration{}, kPageLongest);
  values.utc_ns = (now.realtime.since_epoch() + status.offset).count_ns();
  values.rate_ppt = rate_ppt(status_at, now, status.offset);
  values.valid_until_ns = (now.boot + valid_for).since_epoch().count_ns();
  values.lateness_bounded = status.lateness_bounded ? 1 : 0;
  foresee(status_at, now, valid_for, values);
  return values;
}

}  // namespace timecast
