// SPDX-License-Identifier: MIT
//
// One seeded generator for everything random in a simulated world, and what is drawn from it.
#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <functional>
#include <utility>

#include <timecast/time/duration.hpp>
#include <timecast/wire/entropy.hpp>

namespace timecast::sim {

// SplitMix64: small, good enough, the same on every machine.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_{seed} {}

  std::uint64_t word() {
    state_ += 0x9E37'79B9'7F4A'7C15U;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30U)) * 0xBF58'476D'1CE4'E5B9U;
    z = (z ^ (z >> 27U)) * 0x94D0'49BB'1331'11EBU;
    return z ^ (z >> 31U);
  }
  double uniform() { return static_cast<double>(word() >> 11U) * 0x1p-53; }  // [0, 1)
  double exponential() { return -std::log1p(-uniform()); }
  double normal() { return std::sqrt(2 * exponential()) * std::cos(6.283185307179586 * uniform()); }

  [[nodiscard]] Entropy entropy() {
    return {[](void* self, MutableOctets out) noexcept {
              for (auto& octet : out) {
                octet = static_cast<std::uint8_t>(static_cast<Random*>(self)->word());
              }
            },
            this};
  }

 private:
  std::uint64_t state_;
};

using TrueTime = Duration;  // since the world began

// A delay model: draws the delay of one packet that leaves at a time; negative means lost.
class Delay {
 public:
  Delay(std::invocable<Random&, TrueTime> auto draw) : draw_{std::move(draw)} {}
  Delay(std::invocable<Random&> auto draw)
      : draw_{[draw = std::move(draw)](Random& random, TrueTime) { return draw(random); }} {}
  Duration operator()(Random& random, TrueTime left = {}) const { return draw_(random, left); }

 private:
  std::function<Duration(Random&, TrueTime)> draw_;
};

inline Delay constant(Duration base) {
  return [base](Random&) { return base; };
}
inline Delay exponential(Duration base, Duration mean) {
  return
      [=](Random& r) { return base + Duration::from_seconds(mean.to_seconds() * r.exponential()); };
}
inline Delay uniform(Duration base, Duration width) {
  return [=](Random& r) { return base + Duration::from_seconds(width.to_seconds() * r.uniform()); };
}
// No sharp edge: the shortest delays are five deviations away from the mean.
inline Delay normal(Duration base, Duration deviation) {
  return [=](Random& r) {
    return base +
           std::max(Duration::from_seconds(deviation.to_seconds() * (5 + r.normal())), Duration{});
  };
}
inline Delay half_normal(Duration base, Duration deviation) {
  return [=](Random& r) {
    return base + magnitude(Duration::from_seconds(deviation.to_seconds() * r.normal()));
  };
}
// Pareto with an exponent of 1.5: a mean, but no variance.
inline Delay heavy_tailed(Duration base, Duration scale) {
  return [=](Random& r) {
    const double excess = std::pow(1 - r.uniform(), -2.0 / 3.0) - 1;
    return base + Duration::from_seconds(scale.to_seconds() * excess);
  };
}
inline Delay sometimes(double share, Delay rare, Delay usual) {
  return [=](Random& r, TrueTime left) {
    return r.uniform() < share ? rare(r, left) : usual(r, left);
  };
}
inline Delay lossy(double share, Delay delay) {
  return sometimes(share, constant(-Duration::seconds(1)), delay);
}

}  // namespace timecast::sim
