// SPDX-License-Identifier: MIT
//
// What is believed of two clocks and the network between them: a mean and a covariance, moved by
// time and by observations whose noise is not Gaussian (assumed density: after each observation the
// exact posterior's mean and variance are kept, its shape is not).
//
// Units:   doubles: nanoseconds, seconds, nanoseconds a second (ppb).
// Errors:  none.
// Builds:  freestanding.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "listener/core/delay_noise.hpp"

namespace timecast {

// Indices of the state.
inline constexpr std::size_t kClockOffset = 0;  // announcer's clock minus ours
inline constexpr std::size_t kClockRate = 1;    // of change of that
inline constexpr std::size_t kBaseDelay = 2;    // of unicast packets, one way
inline constexpr std::size_t kDetourDelay = 3;  // by how much announcements take longer
inline constexpr std::size_t kUnknowns = 4;

using StateVector = std::array<double, kUnknowns>;

enum class Way : std::uint8_t {
  announcement,
  back,   // a reply
  there,  // a request
};

// A packet's delay is `ahead` on its way there or minus `ahead` on its way back: what was seen of
// it is linear in the state, and late is positive.
struct Observation {
  double seen;
  Way way;
  double lag = 0;       // s: how long ago
  double variance = 0;  // of what was seen, besides the network's
};

// What was seen against what was expected, and how what was expected hangs on the state.
struct Expectation {
  Innovation innovation;
  StateVector gain;
};

// How fast delays change: variance a second.
struct Walks {
  double base;
  double detour;
};

class Filter {
 public:
  [[nodiscard]] double mean(std::size_t i) const noexcept { return mean_[i]; }
  [[nodiscard]] double variance(std::size_t i) const noexcept { return covariance_[i][i]; }
  [[nodiscard]] double covariance(std::size_t i, std::size_t k) const noexcept {
    return covariance_[i][k];
  }
  // Knows `value` to within `deviation`, whatever it knew before.
  void set(std::size_t i, double value, double deviation) noexcept;
  void doubt(std::size_t i, double deviation) noexcept {
    covariance_[i][i] += deviation * deviation;
  }

  // Both may be off, and then rather together: `k` by so much, and `i` by what comes of that.
  void doubt_together(std::size_t i, double deviation, std::size_t k, double of_k) noexcept {
    constexpr double kTogether = 0.7;
    doubt(i, deviation);
    doubt(k, of_k);
    covariance_[i][k] += kTogether * deviation * of_k;
    covariance_[k][i] = covariance_[i][k];
  }

  // The offset is known to be the sum of both delays, within `deviation`; its mean becomes zero.
  void tie_offset_to_delays(double deviation) noexcept;
  // As if it had been seen to be zero, within `deviation`.
  void pull(std::size_t i, double deviation) noexcept;

  // `wander`: of the rate, variance a second.
  void advance(double seconds, double wander, const Walks& walks) noexcept;
  [[nodiscard]] Expectation expect(const Observation& o) const noexcept;
  void correct(const Expectation& e, const Response& response) noexcept;

 private:
  [[nodiscard]] StateVector gain(const Observation& o) const noexcept;
  void move(const StateVector& gain, double score, double curvature) noexcept;

  StateVector mean_{};
  std::array<StateVector, kUnknowns> covariance_{};
};

}  // namespace timecast
