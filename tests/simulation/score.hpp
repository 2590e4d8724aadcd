// SPDX-License-Identifier: MIT
//
// What became of the clock in one run of a scenario, and in all runs together. Looked at once a
// simulated second, at whole seconds of true time.
//
// Units:   errors of time in microseconds, of rate in ppb, spans in seconds: numbers to print.
#pragma once

#include <array>
#include <cmath>
#include <functional>
#include <optional>
#include <vector>

#include "tests/simulation/scenarios.hpp"

namespace timecast::sim {

struct RunOptions {
  std::uint64_t seed = 1;
  bool keeps_path = false;  // every second of it, for a plot
  std::function<void()> on_hour = [] {};
};

// One second.
struct Instant {
  float error_us;     // clock minus server: the truth
  float estimate_us;  // of the reported offset
  float claimed_us;   // error_s
  float bound_us;     // bound_s
};

class MeanSquare {
 public:
  void add(double value) {
    sum_ += value * value;
    count_ += 1;
  }
  void add(const MeanSquare& other) {
    sum_ += other.sum_;
    count_ += other.count_;
  }
  [[nodiscard]] double root() const { return count_ == 0 ? 0 : std::sqrt(sum_ / count_); }

 private:
  double sum_ = 0;
  double count_ = 0;
};

// Of magnitudes.
class Spread {
 public:
  void add(double value) { values_.push_back(static_cast<float>(std::abs(value))); }
  void add(const Spread& other) {
    values_.insert(values_.end(), other.values_.begin(), other.values_.end());
  }
  [[nodiscard]] double rms() const;
  // 0.99, or 1 for the worst.
  [[nodiscard]] double quantile(double share) const;

 private:
  std::vector<float> values_;
};

inline constexpr std::array kHoldoverSeconds{60, 300, 600, 1'800, 3'600, 7'200};
inline constexpr std::array kLimitsUs{1'000.0, 100.0, 10.0};

struct Holdover {
  double error_us = 0;
  double oracle_us = 0;  // of a clock whose phase and rate were known at the loss
};

struct Run {
  std::uint64_t seed = 0;
  Spread error;         // of the clock, in the steady state, as the next four
  MeanSquare estimate;  // of the reported offset
  MeanSquare claimed;   // error_s
  MeanSquare linear;    // of the plain linear filter
  MeanSquare rate_ppb;  // of the clock
  // Seconds until the clock is for good within each of kLimitsUs; nothing if it never is.
  std::array<std::optional<double>, kLimitsUs.size()> cold{};
  std::array<std::optional<double>, kLimitsUs.size()> after_step{};
  std::array<std::optional<double>, kLimitsUs.size()> estimate_after_step{};
  std::vector<Holdover> holdover;
  int seconds_known = 0;  // in which there was an estimate
  int errors_broken = 0;
  int seconds_bounded = 0;  // in which lateness was bounded
  int bounds_broken = 0;
  std::uint32_t queries = 0;
  std::vector<Instant> path;
};

[[nodiscard]] Run run(const Scenario& scenario, const RunOptions& options);

struct Summary {
  std::size_t seeds = 0;
  Run pooled;  // all seconds of all seeds; what is none is below
  double worst_seed_rms_us = 0;
  struct Times {
    std::optional<double> median;  // nothing: half of the seeds never got there
    std::optional<double> worst;
  };
  std::array<Times, kLimitsUs.size()> cold{};
  std::array<Times, kLimitsUs.size()> after_step{};
  std::array<Times, kLimitsUs.size()> estimate_after_step{};
  std::vector<Holdover> holdover;  // RMS over the seeds
};

[[nodiscard]] Summary summary(const std::vector<Run>& runs);

}  // namespace timecast::sim
