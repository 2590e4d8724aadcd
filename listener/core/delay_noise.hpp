// SPDX-License-Identifier: MIT
//
// How long packets take beyond the base delay of their way, learnt from the packets themselves:
//
//     excess = N(0, edge) + exponential(late), for a small share + exponential(very_late) instead
//
// One density spans what networks do: edge << late is a sharp lower edge, which few samples find;
// edge >> late is the bell for which the mean is best.
//
// Units:   doubles, nanoseconds.
// Errors:  none.
// Builds:  freestanding.
#pragma once

namespace timecast {

// The edge beside the mean excess: a guess.
inline constexpr double kSharpAtFirst = 0.12;

// What was seen against what was expected: positive if late.
struct Innovation {
  double residual;
  double variance;  // of the expectation alone
};

// What the density says of one innovation.
struct Response {
  double score;      // first derivative of log p by what was expected
  double curvature;  // second derivative; in (-1/variance, 0]
  double log_p;      // of the density times late(), which is alike for all who share the noise
  double usual;      // probability that it is none of the very late ones
  double late_push;  // derivative of a usual one's log p by the logarithm of `late`
  double edge_push;  // and by that of the square of `edge`
};

class DelayNoise {
 public:
  DelayNoise() noexcept = default;
  // A guess: a sharp edge, and packets that take so much longer.
  explicit DelayNoise(double late) noexcept;
  // It has become so large, and the edge at least so blunt.
  void widen(double late, double edge) noexcept;
  // How sharp the edge is has yet to be learnt.
  void doubt_shape() noexcept;
  // Of a way whose packets take so many times longer.
  [[nodiscard]] DelayNoise scaled(double factor) const noexcept;

  [[nodiscard]] Response respond(const Innovation& seen) const noexcept;
  // `response` is respond(seen). Returns whether the noise turns out to be smaller by far, which
  // only who is `sure` of the clock can see.
  bool learn(const Innovation& seen, const Response& response, bool sure = false) noexcept;
  // How much a sample says of the noise: less while what was expected was itself uncertain.
  [[nodiscard]] double weight(const Innovation& seen) const noexcept;

  [[nodiscard]] double edge() const noexcept { return edge_; }
  [[nodiscard]] double late() const noexcept { return late_; }
  // Of an early packet from what was expected as uncertainly as that.
  [[nodiscard]] double variance(double of_expectation) const noexcept;
  [[nodiscard]] double deviation(double of_expectation) const noexcept;
  [[nodiscard]] double spread() const noexcept { return edge_ + late_; }
  // Those of scaled(), and the factor for a way whose packets are so late.
  [[nodiscard]] double edge(double factor) const noexcept;
  [[nodiscard]] double spread(double factor) const noexcept;
  [[nodiscard]] double factor_for(double late) const noexcept { return late * per_late_; }

 private:
  void mix_with_rare(const Innovation& seen, Response& usual) const noexcept;
  void learn_rare(const Innovation& seen, double usual, double rare, double keep) noexcept;

  double edge_ = 0;
  double late_ = 0;
  double per_late_ = 0;  // 1 / late_: software divides slowly, and three filters ask
  double very_late_ = 0;
  double very_late_share_ = 0;
  double samples_ = 0;
  // Over what is remembered: mean squares of what pushes the two parameters, and sums.
  double edge_curvature_ = 0;
  double late_curvature_ = 0;
  // And their means over the last ones: none, if the parameters are right.
  double edge_trend_ = 0;
  double late_trend_ = 0;
  double usual_weight_ = 0;
  double rare_weight_ = 0;
  double rare_late_ = 0;
};

}  // namespace timecast
