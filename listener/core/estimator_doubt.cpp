// SPDX-License-Identifier: MIT
//
// What an estimator makes of packets that do not fit: chance, another network, or another time.
#include <algorithm>
#include <cmath>
#include <utility>

#include "listener/core/bounds.hpp"
#include "listener/core/estimator.hpp"
#include "listener/core/gaussian_tail.hpp"

namespace timecast {
namespace {

// An exchange that takes so many usual excesses of both ways longer is held up.
constexpr double kHeldUp = 4;
// What it says of the clock is at most that, or it is not for being held up that it says so: within
// such a factor.
constexpr double kMostExplained = 4;
// So many of those mean another network, fewer if announcements have not fitted for long either,
// and more than a few are worth asking about.
constexpr double kManyHeldUp = 8;
constexpr double kSomeHeldUp = 4;
constexpr double kFewHeldUp = 2;
// Announcements that are late alike may mean a longer way: both ways of an exchange may then take
// so many times as much longer.
constexpr double kLonger = 2.5;
// A doubt is settled by a change of half as many usual excesses: of a way rather than of the clock,
// since that costs less if it is wrong.
constexpr double kWayChange = 5;
constexpr double kClockChange = 8;
// For how much longer announcements must not have fitted than fitted to be asked about, and to need
// no answer: a busy minute or two are outlived.
constexpr std::uint32_t kSomeMisfits = 2 * Misfits::kTicksPerMinute;
constexpr std::uint32_t kManyMisfits = 4 * Misfits::kTicksPerMinute;
// The least of n that are late by a sharp edge is within that many n-th parts of their mean. An
// edge that may be blunt is no blunter than so many times what is beyond.
constexpr double kSharpLeast = 4;
constexpr double kNotSharp = 8;
// What noise is at least by those that are too early and too late for it.
constexpr double kBlurAtFirst = 0.5;
// Nothing is believed that only one exchange says, if it contradicts what is known.
constexpr std::uint32_t kContradictions = 2;
// How many exchanges come briskly after surprises.
constexpr std::uint32_t kAfterMisfits = 8;

}  // namespace

// Whether an exchange is better overlooked. The first packet after a pause wakes both hosts, and
// how long that takes differs by the way: that would pass for time. Unless most are held up, when
// that is the network.
bool Estimator::is_held_up(Timestamp<Raw> sent, double there, double back,
                           double deviation) noexcept {
  const double longer = there + back;
  const double usual = noise_.spread(factor_of(Way::there)) + usual_excess() + deviation;
  const bool asked = doubt_.pending() && sent >= doubt_.since();
  const bool explains = longer > std::abs(there - back) / kMostExplained;
  if (longer < kHeldUp * usual || !explains || (asked && longer < kLonger * doubt_.last())) {
    held_up_.count_prompt(longer);
    return false;
  }
  held_up_.count(there, back);
  if (!asked) return !explains_held_up();
  // It would settle a doubt by what is no part of it, but the next one may be prompt.
  return doubt_.overlooks_answer();
}

// Whether enough were held up. In a busy minute announcements do not fit either, and as long as it
// is none but a minute there is nothing to be learnt.
bool Estimator::explains_held_up() noexcept {
  if (misfits_.excess() >= kSomeMisfits && held_up_.count() >= kSomeHeldUp) {
    doubt_exchanges_way(smaller(held_up_.least(), misfits_.least()));
    doubt_announcements_way();
    return true;
  }
  const bool alone = misfits_.excess() == 0;
  if (alone && held_up_.count() > kFewHeldUp) wanted_ = std::max(wanted_, kAfterDoubt);
  if (!alone || held_up_.count() < kManyHeldUp) return false;
  doubt_exchanges_way(held_up_.least());
  return true;
}

// Exchanges take longer, the quickest of them so much.
void Estimator::doubt_exchanges_way(double longer) noexcept {
  doubt(kBaseDelay, longer);
  UnicastNoise& there = unicast_[index(Way::there)];
  UnicastNoise& back = unicast_[index(Way::back)];
  there = {larger(held_up_.there(), there.late), 0};
  back = {larger(held_up_.back(), back.late), 0};
  noise_.doubt_shape();
  held_up_.forget();
}

// One way is early and the other as late: it is the offset that is wrong, not a delay.
bool Estimator::contradicts(const Innovation& there, const Innovation& back) const noexcept {
  const bool first = there.residual < back.residual;
  const double least = first ? there.residual : back.residual;
  const double most = first ? back.residual : there.residual;
  const double usual = usual_excess();
  const double limit =
      kTooEarly * noise(Way::back).deviation(first ? there.variance : back.variance);
  return least < -limit && least < -usual && most > -least / 2;
}

// The offset is off by `jump`. If it came to that little by little, the rate has been wrong since
// the last such surprise, and what corrects the one corrects the other.
void Estimator::doubt_course(double jump) noexcept {
  if (doubt_.drifts()) begun_ = doubt_.since();
  const double offset = within(std::abs(jump), kMostDoubt);
  const double rate = newest_ > begun_ ? offset / (1 + (newest_ - begun_).to_seconds()) : 0;
  for (Copy& copy : copies_) copy.filter.doubt_together(kClockOffset, offset, kClockRate, rate);
  begun_ = newest_;
  told_rate_ = kFirstRate;  // it may be what was wrong
}

// Whether an announcement may be used.
bool Estimator::fits(const Innovation& seen, Timestamp<Raw> when) noexcept {
  const Duration since = when - std::exchange(heard_, when);
  const bool is_usual = doubt_.fits(seen, noise_, when);
  misfits_.count(seen.residual, is_usual, since);
  if (is_usual) return true;
  if (doubt_.asks() || doubt_.suspects()) wanted_ = std::max(wanted_, kAfterDoubt);
  if (misfits_.reached(kSomeMisfits)) wanted_ = std::max(wanted_, kAfterMisfits);
  const bool late = seen.residual > 0;  // no longer way makes them early
  if (misfits_.both_ways() && !doubt_.pending()) {
    blur();
  } else if (misfits_.excess() >= kManyMisfits && late && !doubt_.pending()) {
    doubt_announcements_way();
  } else if (doubt_.is_unanswered(exchanges_ == 0)) {
    doubt(kClockOffset, 2 * doubt_.last());
    doubt(kClockRate, doubt_.last() / (1 + (when - doubt_.since()).to_seconds()));
  } else {
    return false;
  }
  end_doubt();
  return true;
}

// What announcements take is as unknown as at first, as far as the quickest of them tell: for a
// short while the clock is known well enough to learn it.
void Estimator::doubt_announcements_way() noexcept {
  const double late = misfits_.mean();
  const double least = misfits_.least();
  const double blunt = kNotSharp * (least - kSharpLeast * late / misfits_.count());
  noise_.widen(late, kSharpAtFirst * smaller(late, larger(least, blunt)));
  doubt(kDetourDelay, least);
  wanted_ = kAfterWander;
  end_doubt();
}

// The noise is larger, and both ways: rather of all packets.
void Estimator::blur() noexcept {
  const double late = larger(misfits_.mean(), noise_.late());
  for (UnicastNoise& way : unicast_) way = {late * noise_.factor_for(way.late), 0};
  noise_.widen(late, kBlurAtFirst * late);
  wanted_ = std::max(wanted_, kAfterWander);
  held_up_.forget();
}

// Both ways of an exchange that say that a clock has jumped are believed when announcements say so
// as well, or when the next one that is not held up says so. As long as the clock is not known that
// well it is no jump.
bool Estimator::believes(Timestamp<Raw> sent, const Innovation& there,
                         const Innovation& back) noexcept {
  const double jump = there.residual - back.residual;  // twice
  const double slack = 4 * usual_excess() + std::abs(jump) / 8;
  const double chance = 2 * kTooEarly * root_of(back.variance);
  const bool jumped = std::abs(jump) > larger(4 * slack, chance) &&
                      std::abs(there.residual + back.residual) < slack;
  bool agreed = false;
  if (doubt_.row() > 0) {
    // Since the last one a row has grown by what it is ahead of its mean, or less.
    const double late = doubt_.last();
    const double grown = smaller(std::abs(late - doubt_.mean()), std::abs(late) / 2);
    agreed = std::abs(late + jump / 2) < slack + grown;
  }
  const bool is_older = sent < doubt_.since();  // it does not know of what is in doubt
  if (!is_older && (doubt_.pending() || (jumped && agreed))) {
    resolve(there.residual, back.residual);
  } else if (jumped && ++disbelieved_ < kContradictions) {
    wanted_ = std::max(wanted_, kAfterDoubt);
    return false;
  } else if (jumped) {
    doubt_course(jump);
    doubt(kDetourDelay, jump);
  }
  disbelieved_ = 0;
  return true;
}

// What has changed: the clock, the way, or the way of announcements alone.
void Estimator::resolve(double there, double back) noexcept {
  // All of it twice.
  const double clock = there - back;
  const double base = there + back;
  const double late = doubt_.drifts() ? doubt_.last() : doubt_.mean();
  const double detour = 2 * (late - back);
  const double usual = usual_excess();
  // Where all were early, and the answer about as much, it is no noise, however wide that seems: it
  // would take in any error as long as it is believed.
  const double slack = late / -2;
  const bool also = std::abs(back - late) < slack;
  const bool jumped = also && std::abs(there + late) < slack;
  const bool shorter = also && std::abs(there - late) < slack;
  if (jumped || std::abs(clock) > kClockChange * usual) doubt_course(clock);
  if (shorter || std::abs(base) > kWayChange * usual) {
    doubt(kBaseDelay, base);
    if (std::abs(base) > 2 * std::abs(clock)) expect_other_exchanges();  // of another way
  }
  if (std::abs(detour) > kWayChange * usual) doubt(kDetourDelay, detour);
  wanted_ = std::max(wanted_, kAfterDoubt);  // it may have been wrong
  held_up_.forget();
  end_doubt();
}

}  // namespace timecast
