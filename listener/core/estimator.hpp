// SPDX-License-Identifier: MIT
//
// Follows the announcer's clock by the lower edge of the delay: of many one-way samples those that
// were delayed least lie on a straight line, and everything else lies on its late side.
//
//     ahead                . .        ahead = announced transmit time - local receive time
//       |  -----.----------------     the line: announcer's clock less the base delay
//       |     .      .    .           late packets, below it
//       +------------------------ at
//
// The line is the edge of the window's upper convex hull that spans the window's middle: nothing
// lies above it, and for a delay with a sharp edge its error falls as 1/n, not as 1/sqrt(n).
//
// Units:   samples on CLOCK_MONOTONIC_RAW; doubles only for differences, in nanoseconds.
// Errors:  none.
// Builds:  freestanding; 0.7 KB.
#pragma once

#include <array>
#include <cstddef>

#include <timecast/time/duration.hpp>
#include <timecast/time/frequency.hpp>
#include <timecast/time/timestamp.hpp>

namespace timecast {

struct Sample {
  Timestamp<Raw> at;     // when it arrived
  Duration ahead;        // announced time of its transmission minus `at`
  Duration uncertainty;  // of both stamps together
};

// The announcer's clock minus this host's raw clock, less the base delay of announcements.
struct Edge {
  Duration ahead;
  Duration error;  // 99.9 %
};

class Estimator {
 public:
  void restart() noexcept { *this = Estimator{}; }
  // Samples come in the order of time; one that does not begins the window anew.
  void add(const Sample& sample) noexcept;

  [[nodiscard]] std::size_t count() const noexcept { return count_; }
  // REQUIRES of all below: count() > 0.
  [[nodiscard]] Edge at(Timestamp<Raw> when) const noexcept;
  [[nodiscard]] Timestamp<Raw> newest() const noexcept { return points_[count_ - 1].at; }
  [[nodiscard]] bool is_full() const noexcept { return count_ == kWindow; }
  // Where the line is known best.
  [[nodiscard]] Timestamp<Raw> middle() const noexcept { return line_.middle.at; }
  // How much faster the announcer's clock runs than this host's raw clock.
  [[nodiscard]] FrequencyPpb frequency() const noexcept {
    return FrequencyPpb::from_ratio(line_.slope);
  }
  // Over how long a time the samples together tell where the line is.
  [[nodiscard]] Duration memory() const noexcept { return Duration::seconds(20); }
  [[nodiscard]] Duration sigma(Timestamp<Raw> when) const noexcept {
    return at(when).error * 10 / 33;
  }
  // How fast a clock may leave its rate when nothing more is heard; what the rate itself may be
  // wrong by is in at().error.
  [[nodiscard]] FrequencyPpb drift_limit() const noexcept;

 private:
  struct Point {
    Timestamp<Raw> at;
    Duration ahead;
  };
  struct Line {
    Point middle;               // a point of the line, at the window's middle
    double slope = 0;           // ratio
    double error_ns = 0;        // at the middle, 99.9 %
    double rate_error = 0;      // ratio
    double stamp_error_ns = 0;  // of the samples' stamps
    bool rate_known = false;
  };
  static constexpr std::size_t kWindow = 40;
  using Indices = std::array<std::uint8_t, kWindow>;

  void fit() noexcept;
  [[nodiscard]] double slope_at(Timestamp<Raw> middle) const noexcept;
  [[nodiscard]] std::size_t upper_hull(Indices& hull) const noexcept;

  std::array<Point, kWindow> points_{};  // in the order of time
  std::size_t count_ = 0;
  Line line_;
};

}  // namespace timecast
