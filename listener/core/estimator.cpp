// SPDX-License-Identifier: MIT
#include "listener/core/estimator.hpp"

#include <algorithm>
#include <cmath>

namespace timecast {
namespace {

constexpr double kNanosecondsPerSecond = 1e9;
// A clock may be steered by 500 ppm, and crystals are within 100 ppm of each other.
constexpr double kMaxRate = 600e-6;
// PHI of RFC 5905 section 4: how far a clock may drift once its rate is known.
constexpr double kKnownDrift = 15e-6;
// A window this long knows the rate well enough for PHI to be the larger of the two errors.
constexpr double kRateKnownAfterNs = 4e9;
// Random walk of a cheap oscillator's rate, per square root of a second.
constexpr double kWander = 1e-8;
// The ten samples that were delayed least tell how crowded the edge is, whatever the delay is like
// further away: rare late packets do not matter, nor does what the mean would be.
constexpr std::size_t kCrowd = 10;
// How far the line may be off in one case of a thousand, against the width of that crowd: from
// trials with exponential, uniform, half normal and heavy-tailed delays (tests/unit).
constexpr double kTail = 1.7;
// A line that none of so many last samples comes near may be of the past.
constexpr std::size_t kRecent = 5;
// Points through which any line fits promise nothing: this much, shared among them.
constexpr double kDoubtNs = 70'000;

double ns(Duration d) noexcept { return static_cast<double>(d.count_ns()); }
Duration from_ns(double value) noexcept { return Duration::from_seconds(value * 1e-9); }

// What a random walk of the rate adds up to over a span, 99.9 %.
double wander_ns(double span_ns) noexcept {
  const double seconds = span_ns / kNanosecondsPerSecond;
  return 3.3 * kWander * seconds * std::sqrt(seconds / 3.0) * kNanosecondsPerSecond;
}

}  // namespace

void Estimator::add(const Sample& sample) noexcept {
  if (count_ > 0 && sample.at < newest()) restart();  // a clock that is not what it was
  if (is_full()) {
    std::copy(points_.begin() + 1, points_.end(), points_.begin());
    --count_;
  }
  points_[count_++] = {sample.at, sample.ahead};
  const double stamp_error = ns(sample.uncertainty);
  const double weight = 1.0 / static_cast<double>(count_);
  line_.stamp_error_ns += (stamp_error - line_.stamp_error_ns) * weight;
  fit();
}

// Andrew's monotone chain over points that are already in the order of time.
std::size_t Estimator::upper_hull(Indices& hull) const noexcept {
  std::size_t size = 0;
  for (std::size_t i = 0; i < count_; ++i) {
    const Point& next = points_[i];
    while (size >= 2) {
      const Point& a = points_[hull[size - 2]];
      const Point& b = points_[hull[size - 1]];
      const double turn =
          ns(b.at - a.at) * ns(next.ahead - a.ahead) - ns(b.ahead - a.ahead) * ns(next.at - a.at);
      if (turn < 0) break;  // b lies above the line from a to next: keep it
      --size;
    }
    hull[size++] = static_cast<std::uint8_t>(i);
  }
  return size;
}

// The slope of the hull's edge that spans the window's middle. REQUIRES: count_ > 1.
double Estimator::slope_at(Timestamp<Raw> middle) const noexcept {
  Indices hull{};
  const std::size_t size = upper_hull(hull);
  std::size_t right = 1;
  while (right + 1 < size && points_[hull[right]].at < middle) ++right;
  const Point& a = points_[hull[right - 1]];
  const Point& b = points_[hull[right]];
  const double run = ns(b.at - a.at);
  const double slope = run > 0 ? ns(b.ahead - a.ahead) / run : 0;
  return std::clamp(slope, -kMaxRate, kMaxRate);  // two late packets can pretend any rate
}

void Estimator::fit() noexcept {
  const Duration half_span = (newest() - points_[0].at) / 2;
  line_.middle.at = points_[0].at + half_span;
  line_.slope = count_ > 1 ? slope_at(line_.middle.at) : 0.0;

  // Where lines of this slope through each sample pass the middle. The highest of them is the
  // lowest line that has no sample above it.
  std::array<Duration, kWindow> heights{};
  Duration recent = Duration::min();
  for (std::size_t i = 0; i < count_; ++i) {
    const Point& p = points_[i];
    heights[i] = p.ahead + from_ns(ns(line_.middle.at - p.at) * line_.slope);
    if (i + kRecent >= count_) recent = std::max(recent, heights[i]);
  }
  const std::size_t crowd = std::min(count_, std::min(count_ / 2 + 3, kCrowd));
  Duration* const end = heights.data() + count_;
  for (Duration* next = heights.data(); next != heights.data() + crowd; ++next) {
    std::iter_swap(next, std::max_element(next, end));
  }
  const double width = ns(heights[0] - heights[crowd - 1]);
  // The least of n delays is still above the base, by one distance between neighbours; so is the
  // other sample that the line leans on.
  const double low = count_ > 2 ? 2 * width / static_cast<double>(crowd) : 0.0;
  line_.middle.ahead = heights[0] + from_ns(low);
  line_.error_ns = kTail * width + ns(heights[0] - recent) + kDoubtNs / static_cast<double>(count_);

  const double half_span_ns = ns(half_span);
  line_.rate_known = 2 * half_span_ns >= kRateKnownAfterNs;
  line_.rate_error = 2 * kMaxRate;
  if (half_span_ns * line_.rate_error > line_.error_ns) {
    line_.rate_error = line_.error_ns / half_span_ns;
  }
}

Edge Estimator::at(Timestamp<Raw> when) const noexcept {
  const double from_middle = ns(when - line_.middle.at);
  const double distance = from_middle < 0 ? -from_middle : from_middle;
  const double error =
      line_.error_ns + line_.stamp_error_ns + line_.rate_error * distance + wander_ns(distance);
  return {line_.middle.ahead + from_ns(from_middle * line_.slope), from_ns(error)};
}

FrequencyPpb Estimator::drift_limit() const noexcept {
  return FrequencyPpb::from_ratio(line_.rate_known ? kKnownDrift : kMaxRate);
}

}  // namespace timecast
