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
constexpr double kSharpAtFirst = 0.1;
constexpr double kLeast = 2;             // no stamp is better
constexpr double kMostNews = 1 - 1e-14;  // what rounding makes of more is a negative variance
constexpr double kRarest = 1e-4;
constexpr double kMostRare = 0.1;
// The usual ones' mean, until some have been seen.
constexpr double kVeryLate = 15;
constexpr double kVeryLateSamples = 2;
constexpr double kShareSamples = 3;
// How many samples are remembered, and how quickly the first ones are forgotten.
constexpr double kMemory = 3'000;
constexpr double kFirstMemory = 20;

// One step up the likelihood's slope, over its curvature. `floor` bounds the steps where samples
// say little; the window is how many of them count.
double step(double push, double& square, double floor, double gain, double window) noexcept {
  square += (push * push - square) / window;
  return limited(push / (square + floor) / smaller(gain, window), -0.3, 0.3);
}

}  // namespace

DelayNoise::DelayNoise(double late) noexcept
    : edge_{late * kSharpAtFirst}, late_{late}, very_late_{late * kVeryLate} {}

DelayNoise DelayNoise::scaled(double factor) const noexcept {
  DelayNoise noise = *this;
  noise.edge_ = larger(edge_ * factor, kLeast);
  noise.late_ = larger(late_ * factor, kLeast);
  noise.very_late_ *= factor;
  return noise;
}

double DelayNoise::weight(const Innovation& seen) const noexcept {
  const double own = late_ * late_ + edge_ * edge_;
  return own / (own + seen.variance);
}

// The density of a normal and an exponential variable's sum, its logarithm and derivatives, in a
// form that keeps its digits when the expectation is far wider than the noise.
Response DelayNoise::respond(const Innovation& seen) const noexcept {
  const double variance = seen.variance + edge_ * edge_;
  const double deviation = std::sqrt(variance);
  const double skew = deviation / late_;
  const double distance = seen.residual / deviation;
  const double u = distance - skew;
  const GaussianTail tail = gaussian_tail(u);

  Response r{};
  r.score = (distance - tail.gap) / deviation;
  r.curvature = -limited((tail.gap - u) * tail.gap, 0, kMostNews) / variance;
  const double exponent =
      u <= 0 ? -distance * distance / 2 : skew * skew / 2 - seen.residual / late_;
  r.log_p = exponent + tail.log_p - log_of(late_);
  r.usual = 1;
  const double excess = deviation * tail.gap;
  r.late_push = excess / late_ - 1;
  r.edge_push = edge_ * edge_ * (r.score * r.score + r.curvature) / 2;
  return distance > kRareFrom ? respond_as_rare(seen, r) : r;
}

// Mixed with the very late ones, each by its probability.
Response DelayNoise::respond_as_rare(const Innovation& seen, Response r) const noexcept {
  const double rare_score = 1 / very_late_;
  const double log_rare = log_of(very_late_share_ * rare_score) - seen.residual * rare_score;
  const double apart = r.log_p + log_of(1 - very_late_share_) - log_rare;
  const bool usual = apart > 0;
  const double odds = exp_of(usual ? -apart : apart);  // of the less probable
  const double likely = 1 / (1 + odds);
  const double rare = usual ? odds * likely : likely;
  r.usual = usual ? likely : odds * likely;
  r.log_p = log_rare + (usual ? apart : 0) + log_of(1 + odds);
  const double score = r.usual * r.score + rare * rare_score;
  const double second =
      r.usual * (r.score * r.score + r.curvature) + rare * rare_score * rare_score;
  r.score = score;
  r.curvature = limited(second - score * score, -0.999 / (seen.variance + 1e-9), 0.0);
  return r;
}

void DelayNoise::learn(const Innovation& seen, const Response& response) noexcept {
  samples_ = smaller(samples_ + 1, 3 * kMemory);
  const double window = smaller(kMemory, kFirstMemory + samples_ / 3);
  const double certain = weight(seen);
  const double usual = certain * response.usual;
  const double edge_step =
      step(usual * response.edge_push, edge_square_, 0.003, 20 + samples_ / 5, window);
  const double late_step =
      step(usual * response.late_push, late_square_, 0.5, 3 + samples_ / 5, window);
  edge_ += edge_ * edge_step / 2;
  late_ += late_ * late_step;
  late_ = larger(larger(late_, kBluntest * edge_), kLeast);
  edge_ = larger(larger(edge_, kSharpest * late_), kLeast);
  learn_rare(seen, usual, certain - usual, 1 - 1 / window);
}

void DelayNoise::learn_rare(const Innovation& seen, double usual, double rare,
                            double keep) noexcept {
  usual_weight_ = usual_weight_ * keep + usual;
  rare_weight_ = rare_weight_ * keep + rare;
  rare_late_ = rare_late_ * keep + rare * seen.residual;
  const double share = (rare_weight_ + kShareSamples * very_late_share_) /
                       (rare_weight_ + usual_weight_ + kShareSamples);
  very_late_share_ = limited(share, kRarest, kMostRare);
  very_late_ = larger(
      (rare_late_ + kVeryLateSamples * kVeryLate * late_) / (rare_weight_ + kVeryLateSamples),
      5 * late_);
}

}  // namespace timecast
