// SPDX-License-Identifier: MIT
#include "listener/core/estimator.hpp"

#include <algorithm>
#include <cmath>

namespace timecast {
namespace {

constexpr double kNanosecondsPerSecond = 1e9;
// Crystal oscillators are within 100 ppm of each other; before the rate is known, twice that.
constexpr double kUnknownRate = 200e-6;
// PHI of RFC 5905 section 4: how far a clock may drift once its rate is known.
constexpr double kKnownDrift = 15e-6;
// A window this long knows the rate well enough for PHI to be the larger of the two errors.
constexpr double kRateKnownAfterNs = 4e9;
// Random walk of a cheap oscillator's rate, per square root of a second.
constexpr double kWander = 1e-8;
// Counts as one more sample, so that two points through which any line fits promise little.
constexpr double kPriorExcessNs = 20'000;
// For an exponential excess the least of n is off by m/n on average, seven times that in one case
// of a thousand.
constexpr double kTail = 7.0;

double ns(Duration d) noexcept { return static_cast<double>(d.count_ns()); }
Duration from_ns(double value) noexcept { return Duration::from_seconds(value * 1e-9); }

// What a random walk of the rate adds up to over a span, 99.9 %.
double wander_ns(double span_ns) noexcept {
  const double seconds = span_ns / kNanosecondsPerSecond;
  return 3.3 * kWander * seconds * std::sqrt(seconds / 3.0) * kNanosecondsPerSecond;
}

}  // namespace

void Estimator::add(const Sample& sample) noexcept {
  const std::size_t slot = (first_ + count_) % kWindow;
  points_[slot] = {sample.at, sample.ahead};
  if (count_ < kWindow) {
    ++count_;
  } else {
    first_ = (first_ + 1) % kWindow;
  }
  const double stamp_error = ns(sample.uncertainty);
  const double weight = 1.0 / static_cast<double>(count_);
  line_.stamp_error_ns += (stamp_error - line_.stamp_error_ns) * weight;
  fit();
}

// Andrew's monotone chain over points that are already in the order of time.
std::size_t Estimator::upper_hull(Indices& hull) const noexcept {
  std::size_t size = 0;
  for (std::size_t i = 0; i < count_; ++i) {
    const Point& next = point(i);
    while (size >= 2) {
      const Point& a = point(hull[size - 2]);
      const Point& b = point(hull[size - 1]);
      const double turn =
          ns(b.at - a.at) * ns(next.ahead - a.ahead) - ns(b.ahead - a.ahead) * ns(next.at - a.at);
      if (turn < 0) break;  // b lies above the line from a to next: keep it
      --size;
    }
    hull[size++] = static_cast<std::uint8_t>(i);
  }
  return size;
}

double Estimator::mean_excess_ns(const Line& line) const noexcept {
  double sum = kPriorExcessNs;
  for (std::size_t i = 0; i < count_; ++i) {
    const Point& p = point(i);
    const double on_line = ns(p.at - line.middle.at) * line.slope;
    sum += on_line - ns(p.ahead - line.middle.ahead);
  }
  const double mean = sum / static_cast<double>(count_);
  return std::max(mean, 0.0);
}

// The slope of the hull's edge that spans the window's middle. REQUIRES: count_ > 1.
double Estimator::slope_at(Timestamp<Raw> middle) const noexcept {
  Indices hull{};
  const std::size_t size = upper_hull(hull);
  std::size_t right = 1;
  while (right + 1 < size && point(hull[right]).at < middle) ++right;
  const Point& a = point(hull[right - 1]);
  const Point& b = point(hull[right]);
  const double run = ns(b.at - a.at);
  const double slope = run > 0 ? ns(b.ahead - a.ahead) / run : 0;
  // Two late packets can pretend any rate; no two crystals differ by more than this.
  return std::clamp(slope, -kUnknownRate, kUnknownRate);
}

// The lowest line of the given slope that has no sample above it.
Estimator::Line Estimator::line_over(Timestamp<Raw> middle, double slope) const noexcept {
  Line line;
  line.slope = slope;
  line.middle = {middle, Duration::min()};
  for (std::size_t i = 0; i < count_; ++i) {
    const Point& p = point(i);
    const Duration here = p.ahead + from_ns(ns(middle - p.at) * slope);
    line.middle.ahead = std::max(line.middle.ahead, here);
  }
  return line;
}

void Estimator::fit() noexcept {
  const Duration half_span = (point(count_ - 1).at - point(0).at) / 2;
  const Timestamp<Raw> middle = point(0).at + half_span;
  Line line = line_over(middle, count_ > 1 ? slope_at(middle) : 0.0);
  line.half_span_ns = ns(half_span);
  line.stamp_error_ns = line_.stamp_error_ns;
  line.excess_ns = mean_excess_ns(line);
  // The least of n delays is still above the base: the line lies low by about twice m/n.
  if (count_ > 2) {
    const double low = 2 * line.excess_ns / static_cast<double>(count_);
    line.middle.ahead += from_ns(low);
  }
  line_ = line;
}

Edge Estimator::at(Timestamp<Raw> when) const noexcept {
  const double from_middle = ns(when - line_.middle.at);
  const double distance = from_middle < 0 ? -from_middle : from_middle;
  const double edge_error = kTail * line_.excess_ns / static_cast<double>(count_);
  double error = edge_error + line_.stamp_error_ns;
  if (line_.half_span_ns > 0) {
    error += edge_error * distance / line_.half_span_ns + wander_ns(distance);
  } else {
    error += kUnknownRate * distance;
  }
  return {line_.middle.ahead + from_ns(from_middle * line_.slope), from_ns(error)};
}

FrequencyPpb Estimator::drift_limit() const noexcept {
  const bool known = 2 * line_.half_span_ns >= kRateKnownAfterNs;
  const double edge_error = kTail * line_.excess_ns / static_cast<double>(count_);
  return FrequencyPpb::from_ratio(known ? kKnownDrift + edge_error / line_.half_span_ns
                                        : kUnknownRate);
}

}  // namespace timecast
