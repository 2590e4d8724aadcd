// SPDX-License-Identifier: MIT
#include "listener/core/delay_noise.hpp"

#include <algorithm>
#include <cmath>

#include "listener/core/bounds.hpp"
#include "listener/core/gaussian_tail.hpp"

namespace timecast {
namespace {

// Below so many deviations a packet is a usual one: a flat tail would explain early ones as well.
constexpr double kRareFrom = 3;
// Beyond these ratios the other parameter says nothing any more.
constexpr double kSharpest = 0.003;
constexpr double kBluntest = 0.1;
constexpr double kBluntAtFirst = 200;    // and by that: so are the stamps of kernels
constexpr double kLeast = 2;             // no stamp is better
constexpr double kMostNews = 1 - 1e-14;  // what rounding makes of more is a negative variance
constexpr double kShareAtFirst = 0.01;   // of very late ones
constexpr double kRarest = 1e-4;
constexpr double kMostRare = 0.1;
// The usual ones' mean, until some have been seen.
constexpr double kVeryLate = 15;
constexpr double kVeryLateSamples = 2;
constexpr double kShareSamples = 3;
// How many samples are remembered, and how quickly the first ones are forgotten.
constexpr double kMemory = 3'000;
constexpr double kFirstMemory = 20;
// Noise that has become smaller shows in every sample: what pushes a parameter down in the mean of
// so many, and by its square more than such a part of the mean square, is no chance. It is learnt
// anew. Larger noise looks like a queue, or like a clock that drifts: exchanges tell those apart.
constexpr double kTrendMemory = 32;
constexpr double kTrend = 0.3;
constexpr double kSamplesOfAnother = 5;
constexpr double kSurprising = 30;  // by then it had been learnt
// What a sample tells of the curvature at least.
constexpr double kEdgeFloor = 0.003;
constexpr double kLateFloor = 0.5;

// One step up the likelihood's slope, over its curvature. `floor` bounds the steps where samples
// say little; `share` is that of one sample in what is remembered of the curvature.
[[gnu::noinline]] double step(double push, double& curvature, double share, double floor,
                              double gain) noexcept {
  curvature += (square(push) - curvature) * share;
  return within(push / ((curvature + floor) * gain), 0.3);
}

// Whether the parameter has become smaller.
[[gnu::noinline]] bool falls(double push, double& trend, double curvature, double floor) noexcept {
  trend += (push - trend) * (1 / kTrendMemory);
  return std::signbit(trend) && square(trend) > kTrend * (curvature + floor);
}

}  // namespace

DelayNoise::DelayNoise(double late) noexcept
    : edge_{late * kSharpAtFirst + kBluntAtFirst},
      late_{late},
      per_late_{1 / late},
      very_late_{late * kVeryLate},
      very_late_share_{kShareAtFirst} {}

void DelayNoise::widen(double late, double edge) noexcept {
  const double least = larger(edge, edge_);
  *this = DelayNoise{larger(late, late_)};
  edge_ = larger(least, kSharpest * late_);
}

DelayNoise DelayNoise::scaled(double factor) const noexcept {
  DelayNoise noise = *this;
  noise.edge_ = edge(factor);
  noise.late_ = larger(late_ * factor, kLeast);
  noise.per_late_ = 1 / noise.late_;
  noise.very_late_ *= factor;
  return noise;
}

double DelayNoise::edge(double factor) const noexcept { return larger(edge_ * factor, kLeast); }

double DelayNoise::spread(double factor) const noexcept {
  return edge(factor) + larger(late_ * factor, kLeast);
}

double DelayNoise::variance(double of_expectation) const noexcept {
  return of_expectation + square(edge_);
}

double DelayNoise::deviation(double of_expectation) const noexcept {
  return root_of(variance(of_expectation));
}

double DelayNoise::weight(const Innovation& seen) const noexcept {
  const double own = square(late_) + square(edge_);
  return own / (own + seen.variance);
}

// The density of a normal and an exponential variable's sum, its logarithm and derivatives, in a
// form that keeps its digits when the expectation is far wider than the noise.
Response DelayNoise::respond(const Innovation& seen) const noexcept {
  const double square_of_deviation = variance(seen.variance);
  // Roots and divisions are what takes longest without hardware for them.
  const double per = per_root_of(square_of_deviation);
  const double deviation = square_of_deviation * per;
  const double skew = deviation * per_late_;
  const double distance = seen.residual * per;
  const double u = distance - skew;
  const GaussianTail tail = gaussian_tail(u);

  Response r;
  r.score = (distance - tail.gap) * per;
  r.curvature = -limited((tail.gap - u) * tail.gap, 0, kMostNews) * square(per);
  r.log_p = tail.log_p + (u <= 0 ? square(distance) / -2 : (skew / 2 - distance) * skew);
  r.usual = 1;
  r.late_push = skew * tail.gap - 1;
  r.edge_push = square(edge_) * (square(r.score) + r.curvature) / 2;
  if (distance > kRareFrom) mix_with_rare(seen, r);
  return r;
}

// Mixed with the very late ones, each by its probability.
void DelayNoise::mix_with_rare(const Innovation& seen, Response& r) const noexcept {
  const double rare_score = 1 / very_late_;
  const double usual_share = 1 - very_late_share_;
  const double apart = r.log_p + seen.residual * rare_score +
                       log_of(usual_share / (very_late_share_ * late_ * rare_score));
  const double odds = exp_of(-std::abs(apart));  // of the less probable
  const double likely = 1 / (1 + odds);
  const double unlikely = odds * likely;
  const bool is_usual = apart > 0;
  const double rare = is_usual ? unlikely : likely;
  r.usual = is_usual ? likely : unlikely;
  r.log_p += log_of(usual_share * (1 + odds)) - smaller(apart, 0);
  const double scores_apart = r.score - rare_score;
  r.score = rare_score + r.usual * scores_apart;
  r.curvature = smaller(r.usual * (r.curvature + rare * square(scores_apart)), 0);
}

bool DelayNoise::learn(const Innovation& seen, const Response& response, bool sure) noexcept {
  const double certain = weight(seen);
  const double usual = certain * response.usual;
  const double edge_push = usual * response.edge_push;
  const double late_push = usual * response.late_push;
  bool another = false;
  if (sure) {
    const bool sharper = falls(edge_push, edge_trend_, edge_curvature_, kEdgeFloor);
    another = falls(late_push, late_trend_, late_curvature_, kLateFloor) || sharper;
  }
  const bool surprising = another && samples_ > kSurprising;
  if (another) samples_ = smaller(samples_, kSamplesOfAnother);
  samples_ = smaller(samples_ + 1, 3 * kMemory);
  const double window = smaller(kMemory, kFirstMemory + samples_ * (1.0 / 3));
  const double share = 1 / window;
  const double gain = samples_ * 0.2;
  edge_ += edge_ * step(edge_push, edge_curvature_, share, kEdgeFloor, 20 + gain) / 2;
  late_ += late_ * step(late_push, late_curvature_, share, kLateFloor, 3 + gain);
  late_ = larger(larger(late_, kBluntest * edge_), kLeast);
  per_late_ = 1 / late_;
  edge_ = larger(larger(edge_, kSharpest * late_), kLeast);
  learn_rare(seen, usual, certain - usual, 1 - share);
  return surprising;
}

void DelayNoise::doubt_shape() noexcept {
  edge_ = larger(edge_, kSharpAtFirst * late_);
  samples_ = smaller(samples_, kSamplesOfAnother);
}

void DelayNoise::learn_rare(const Innovation& seen, double usual, double rare,
                            double keep) noexcept {
  usual_weight_ = usual_weight_ * keep + usual;
  rare_weight_ = rare_weight_ * keep + rare;
  rare_late_ = rare_late_ * keep + rare * seen.residual;
  const double all = rare_weight_ + usual_weight_ + kShareSamples;
  const double known = rare_weight_ + kVeryLateSamples;
  const double per = 1 / (all * known);  // one division for two quotients
  const double share = (rare_weight_ + kShareSamples * very_late_share_) * known * per;
  very_late_share_ = limited(share, kRarest, kMostRare);
  const double late = (rare_late_ + kVeryLateSamples * kVeryLate * late_) * all * per;
  very_late_ = larger(late, 5 * late_);
}

}  // namespace timecast
