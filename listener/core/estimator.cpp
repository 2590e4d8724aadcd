// SPDX-License-Identifier: MIT
#include "listener/core/estimator.hpp"

#include <algorithm>
#include <bit>
#include <utility>

#include "listener/core/bounds.hpp"
#include "listener/core/gaussian_tail.hpp"

namespace timecast {
namespace {

// Between ideal and terrible crystals lie six decades.
constexpr double kFirstWander = 3;
constexpr double kLeastWander = 1e-3;
constexpr double kMostWander = 1e3;
// The three copies are so far apart, and remember so many announcements.
constexpr double kWing = 3;
constexpr double kEvidenceMemory = 5'000;
// Delays may creep: in parts of late and of edge, per square root of a second.
constexpr double kCreepOfLate = 2e-5;
constexpr double kCreepOfEdge = 1e-3;
// How many exchanges come quickly, and briskly at most; and after how many the base delay is known
// well enough that the clock may be the culprit.
constexpr std::uint32_t kQuickExchanges = 12;
constexpr std::uint32_t kMostBrisk = 300;
constexpr std::uint32_t kKnownWay = 64;
// Half of a rare pause, in seconds: what limits open in it exchanges may keep small. Until the way
// is known; longer than that a lively oscillator would ask for what no exchange gives.
constexpr double kSoon = 16;
// Before so many announcements a larger wander is the first thing that is learnt, no surprise.
constexpr std::uint32_t kManyAnnouncements = 1'000;
// The edge of n packets is known to about the usual excess over n, whatever the filter believes.
constexpr double kHumble = 2.5;
constexpr double kHumbleMost = 2'000;
// Where a blunt edge lies hangs on its shape, which announcements tell slowly: so many edges over
// the root of their number.
constexpr double kShape = 9;
// Packets that come after a pause wake the hosts. Until announcements have told, they may take so
// much longer than the best exchange, and differ by so much.
constexpr double kWakingDelay = 40'000;
constexpr double kWakingNoise = 2'000;
constexpr double kLeastDelay = 1'000;  // of any network
constexpr unsigned kFarRate = 20;      // 2^20 ppb: no clock
constexpr double kMostLag = 1e5;       // more than a day the arithmetic would not bear
// How many samples tell what stamps are worth.
constexpr std::uint32_t kStampSamples = 64;
// How far a stamp may have been written ahead, in its deviations.
constexpr double kMostWrittenAhead = 20;

double ns(Duration d) noexcept { return static_cast<double>(d.count_ns()); }
Duration from_ns(double value) noexcept { return Duration::from_seconds(value * 1e-9); }

// Whether it is 2^exponent or more, or no number. By its bits: software compares doubles slowly.
bool reaches(double x, unsigned exponent) noexcept {
  constexpr unsigned kExponentOfOne = 1'023;
  return (std::bit_cast<std::uint64_t>(x) >> 52U) % 2'048 >= kExponentOfOne + exponent;
}

double creep(double late, double edge) noexcept {
  return square(kCreepOfLate * late) + square(kCreepOfEdge * edge);
}

}  // namespace

void Estimator::restart(Duration delay, Duration delay_uncertainty) noexcept {
  *this = Estimator{};
  noise_ = DelayNoise{larger(larger(ns(delay), ns(delay_uncertainty)), kLeastDelay) / 8};
  expect_wander(kFirstWander);
  limits_.forget_rate();
  expect_rate(FrequencyPpb{}, FrequencyPpb{kTail * kFirstRate});
  set(kBaseDelay, ns(delay), ns(delay_uncertainty) / kTail);
  for (UnicastNoise& way : unicast_) way.late = noise_.late();
}

void Estimator::expect_rate(FrequencyPpb rate, FrequencyPpb error) noexcept {
  told_rate_ = smaller(error.count_ppb() / kTail, kFirstRate);
  set(kClockRate, rate.count_ppb(), told_rate_);
  // This one would notice if it was told wrong.
  copies_[kLively].filter.set(kClockRate, rate.count_ppb(), kFirstRate);
}

void Estimator::forget_offset(Duration slept) noexcept {
  const double seconds = slept.to_seconds();
  limits_.age(seconds);
  doubt(kClockRate, smaller(HardLimits::kTrend * seconds, kFirstRate));
  count_ = 0;
  end_doubt();
  confirmed_ = false;
  disbelieved_ = 0;
  wanted_ = kAfterDoubt;
}

double Estimator::wander_of(std::size_t copy) const noexcept {
  if (copy == kMiddle) return wander_;
  return wander_ * (copy == kSteady ? 1 / kWing : kWing);
}

DelayNoise Estimator::noise(Way way) const noexcept {
  if (way == Way::announcement) return noise_;
  return noise_.scaled(factor_of(way));
}

double Estimator::factor_of(Way way) const noexcept {
  return noise_.factor_for(unicast_[index(way)].late);
}

double Estimator::usual_excess() const noexcept { return noise_.spread(factor_of(Way::back)); }

Limits Estimator::drift_in(double span) const noexcept {
  if (std::bit_cast<std::uint64_t>(span) == 0) return {};  // software compares doubles slowly
  return limits_.drift_in(span, filter().mean(kClockRate));
}

void Estimator::advance_to(Timestamp<Raw> when) noexcept {
  if (when <= newest_) return;
  const double span = (when - newest_).to_seconds();
  newest_ = when;
  if (confirmed_) limits_.drift(drift_in(span));  // else they are of no use yet
  limits_.age(span);
  const double edge = noise_.edge(factor_of(Way::back));
  const Walks walks{creep(unicast_[index(Way::back)].late, edge),
                    creep(noise_.late(), noise_.edge())};
  for (std::size_t i = 0; i < kCopies; ++i) {
    copies_[i].filter.advance(span, square(wander_of(i)), walks);
  }
}

// What is older than the newest sample is an observation of what was then, by the rate.
Observation Estimator::observe(Way way, const Sample& sample) noexcept {
  advance_to(sample.at);
  const double lag = smaller((newest_ - sample.at).to_seconds(), kMostLag);
  const double seen = ns(sample.ahead - reference_);
  const std::uint32_t samples = 1 + total_ + exchanges_;
  const double share = samples < kStampSamples ? 1.0 / samples : 1.0 / kStampSamples;
  stamp_error_ns_ += (ns(sample.uncertainty) - stamp_error_ns_) * share;
  const double variance = square(ns(sample.deviation));
  return {way == Way::there ? seen : -seen, way, lag, variance};
}

// By one of the first exchanges: better ones take the place of one that was held up, or whose
// departure was written before it was known.
void Estimator::begin(const Sample& there, const Sample& back, double least_noise) noexcept {
  const Duration round_trip = there.ahead - back.ahead;
  const double half = limited(ns(round_trip) / 2, kLeastDelay, kMostDoubt);
  const double deviation = ns(back.deviation);
  newest_ = back.at;
  reference_ = back.ahead + from_ns(half);
  limits_.begin({-half - kMostWrittenAhead * deviation, half}, newest_);
  set(kClockOffset, 0, half + deviation);
  set(kBaseDelay, half, (half + deviation) / 2);
  set(kDetourDelay, 0, half / 4 + kWakingDelay);
  const double late = larger(half / 4, least_noise);
  noise_ = DelayNoise{larger(late, kWakingNoise)};
  for (UnicastNoise& way : unicast_) way = {late, 0};
  better_than_ = longer(round_trip / 10, back.deviation + back.deviation);
  begun_roughly_ = back.deviation > Duration{};
  confirmed_ = true;
  disbelieved_ = 0;
  held_up_.forget();
  end_doubt();
}

// Where the offset lies further outside of its limits than all that an exchange took, what explains
// it is no noise and no way: it was led astray. Two in a row say so.
bool Estimator::is_astray(const Limits& said) noexcept {
  const double took = larger(said.width(), 0) + ns(kStampNoise);
  const bool contradicts = outside() > took;
  if (contradicts) wanted_ = std::max(wanted_, kAfterDoubt);
  return std::exchange(astray_, contradicts) && contradicts;
}

// By an announcement, as if it had taken what is believed of the delay.
void Estimator::begin_offset(const Sample& announcement) noexcept {
  newest_ = std::max(newest_, announcement.at);
  heard_ = announcement.at;
  begun_ = newest_;
  reference_ = announcement.ahead + delay();
  const double way = larger(ns(delay()), 0);
  limits_.begin({-way, way}, newest_);
  for (Copy& copy : copies_) copy.filter.tie_offset_to_delays(noise_.spread());
}

void Estimator::add_announcement(const Sample& sample) noexcept {
  ++total_;
  if (count_++ == 0) return begin_offset(sample);
  const Observation o = observe(Way::announcement, sample);
  limits_.raise(drift_in(o.lag).low - o.seen);
  if (!fits(filter().expect(o).innovation, sample.at)) return;
  absorb(o, noise_);
  const double learnt = noise_.spread() / (count_ * (1 + (newest_ - begun_).to_seconds()));
  keep_humble(kClockRate, smaller(learnt, told_rate_));
  weigh();
}

bool Estimator::add_exchange(const Sample& there, const Sample& back) noexcept {
  if (wanted_ > 0) --wanted_;
  const Duration round_trip = there.ahead - back.ahead;
  const bool exact = back.deviation == Duration{};
  const bool better = exact && round_trip < better_than_;
  const bool first = exchanges_ == 0 || (exchanges_ < kQuickExchanges && better);
  const bool told_again = exact && std::exchange(begun_roughly_, false);
  ++exchanges_;
  // One that was held up tells of what may come.
  if (first) begin(there, back, told_again ? 0.0 : ns(better_than_) / 3);
  if (first || told_again) return true;
  const Observation second = observe(Way::back, back);
  const Observation onward = observe(Way::there, there);
  const Limits said{drift_in(second.lag).low - second.seen - kMostWrittenAhead * ns(back.deviation),
                    drift_in(onward.lag).high + onward.seen};
  if (!confirmed_) confirm(said);
  limits_.narrow(said, newest_);
  const Innovation seen_there = filter().expect(onward).innovation;
  const Innovation seen_back = filter().expect(second).innovation;
  if (is_held_up(there.at, seen_there.residual, seen_back.residual, ns(back.deviation)))
    return false;
  if (!believes(there.at, seen_there, seen_back)) return false;
  if (contradicts(seen_there, seen_back)) {
    doubt_course((seen_there.residual - seen_back.residual) / 2);
  }
  absorb_exchange_way(onward);
  absorb_exchange_way(second);
  keep_base_humble();
  if (is_astray(said)) {
    doubt_course(outside());  // the rate stays, and may be what was wrong
    begin(there, back, 0);
  }
  return true;
}

// The first exchange after a jump. What was assumed of the announcements since then limits nothing,
// and where the exchange says otherwise, they are all late alike.
void Estimator::confirm(const Limits& said) noexcept {
  limits_.begin(said, newest_);
  confirmed_ = true;
  if (outside() <= usual_excess()) return;
  const double jump = said.low + said.high - 2 * filter().mean(kClockOffset);
  doubt(kClockOffset, jump);
  doubt(kDetourDelay, jump);
}

void Estimator::absorb_exchange_way(const Observation& o) noexcept {
  const Innovation seen = filter().expect(o).innovation;
  const DelayNoise believed = noise(o.way);
  // Rather the base delay was taken for too long than that this packet was too early.
  const double limit = kTooEarly * believed.deviation(seen.variance);
  const bool early = seen.residual < -limit;
  if (early) doubt(kBaseDelay, seen.residual / 3);
  if (early && exchanges_ >= kKnownWay) doubt_course(seen.residual / 3);  // or it has drifted
  absorb(o, believed);
}

void Estimator::set(std::size_t state, double value, double deviation) noexcept {
  for (Copy& copy : copies_) copy.filter.set(state, value, deviation);
}

void Estimator::doubt(std::size_t state, double deviation) noexcept {
  const double held = within(deviation, kMostDoubt);
  for (Copy& copy : copies_) copy.filter.doubt(state, held);
}

void Estimator::keep_humble(std::size_t state, double deviation) noexcept {
  for (Copy& copy : copies_) {
    const double lack = square(deviation) - copy.filter.variance(state);
    if (lack > 0) copy.filter.doubt(state, root_of(lack));
  }
}

void Estimator::keep_base_humble() noexcept {
  const double late = larger(unicast_[0].late, unicast_[1].late);
  const double least = kHumble * late / smaller(exchanges_, kHumbleMost);
  keep_humble(kBaseDelay, least);
  keep_humble(kDetourDelay, kShape * noise_.edge() * per_root_of(1.0 + total_));
  // Nor is a detour shorter than the way: that much only data can say that know it better.
  const double detour = filter().mean(kDetourDelay);
  if (detour >= 0) return;
  const double deviation = root_of(filter().variance(kDetourDelay)) - detour;
  for (Copy& copy : copies_) copy.filter.pull(kDetourDelay, deviation);
}

// REQUIRES: `believed` is noise(o.way).
void Estimator::absorb(const Observation& o, const DelayNoise& believed) noexcept {
  // The middle one last: what is learnt by it is of no use to the others.
  for (const std::size_t i : {kSteady, kLively, kMiddle}) {
    Copy& copy = copies_[i];
    const Expectation expected = copy.filter.expect(o);
    const Innovation& seen = expected.innovation;
    const Response response = believed.respond(seen);
    copy.evidence += response.log_p;
    copy.filter.correct(expected, response);
    // After years of silence, or led astray, the rate is as in the beginning.
    const bool far = reaches(copy.filter.mean(kClockRate), kFarRate) ||
                     reaches(copy.filter.variance(kClockRate), 2 * kFarRate);
    if (far) copy.filter.set(kClockRate, 0, kFirstRate);
    if (i != kMiddle) continue;
    if (o.way == Way::announcement) {
      if (noise_.learn(seen, response, exchanges_ > 0)) expect_other_exchanges();
    } else {
      learn_unicast(o.way, believed.weight(seen), response);
    }
  }
}

void Estimator::learn_unicast(Way way, double certain, const Response& response) noexcept {
  UnicastNoise& own = unicast_[index(way)];
  own.samples = smaller(own.samples + 1, 1'000.0);
  const double push = certain * response.usual * (response.late_push + 2 * response.edge_push);
  own.late += own.late * limited(push / (2 + own.samples / 3), -0.3, 0.5);
}

// The noise of announcements has become another one: that of exchanges may have, too.
void Estimator::expect_other_exchanges() noexcept {
  for (UnicastNoise& way : unicast_) way.samples = smaller(way.samples, kQuickExchanges);
  wanted_ = std::max(wanted_, kAfterNoise);
}

void Estimator::expect_wander(double wander) noexcept {
  wander_ = wander;
  limits_.expect_wander(kTail * wander);
}

void Estimator::follow(std::size_t outer) noexcept {
  expect_wander(wander_of(outer));
  copies_[kLively - outer] = copies_[kMiddle];
  copies_[kMiddle] = copies_[outer];
  copies_[outer].evidence -= 1;
}

// Lets the copy speak that has foreseen best what came.
void Estimator::weigh() noexcept {
  for (Copy& copy : copies_) copy.evidence *= 1 - 1 / kEvidenceMemory;
  if (wander_ > kLeastWander && convinces(kSteady)) {
    follow(kSteady);
  } else if (wander_ < kMostWander && convinces(kLively)) {
    follow(kLively);
    if (total_ < kManyAnnouncements) return;
    // A delay that has become longer by less than the noise looks like this as well.
    doubt(kBaseDelay, 0.3 * unicast_[0].late);
    wanted_ = kAfterWander;
  }
}

Eagerness Estimator::eagerness() const noexcept {
  if (exchanges_ < kQuickExchanges) return Eagerness::quick;
  if (wanted_ > 0) return Eagerness::brisk;
  const double enough = 0.01 * usual_excess() + 200;
  const bool known = filter().variance(kBaseDelay) < square(enough) &&
                     (exchanges_ >= kKnownWay || !limits_.drift_far_in(kSoon));
  return known || exchanges_ >= kMostBrisk ? Eagerness::rare : Eagerness::brisk;
}

}  // namespace timecast
