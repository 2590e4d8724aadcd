// SPDX-License-Identifier: MIT
//
// What links are like that are not the same all the time, or have no simple edge; and how they
// combine. random.hpp has the simple ones.
#pragma once

#include "tests/simulation/random.hpp"

namespace timecast::sim {

struct Span {
  TrueTime from;
  TrueTime to;
  [[nodiscard]] bool contains(TrueTime t) const { return from <= t && t < to; }
};

inline constexpr Duration kLost = Duration::nanoseconds(-1);

// The sum of two exponential excesses: a density that begins at zero.
inline Delay soft_edge(Duration base, Duration mean) {
  return [=](Random& r) {
    return base + Duration::from_seconds(mean.to_seconds() * (r.exponential() + r.exponential()));
  };
}
// A Gaussian around `middle`. What would arrive before it left arrives at once.
inline Delay gaussian(Duration middle, Duration deviation) {
  return [=](Random& r) {
    return std::max(middle + Duration::from_seconds(deviation.to_seconds() * r.normal()),
                    Duration{});
  };
}
// The product of three exponentials: a very sharp edge and a heavy tail.
inline Delay exponentials_multiplied(Duration base, Duration scale) {
  return [=](Random& r) {
    const double excess = r.exponential() * r.exponential() * r.exponential();
    return base + Duration::from_seconds(scale.to_seconds() * excess);
  };
}

// Both delays one after the other; lost in either is lost.
inline Delay followed_by(Delay first, Delay second) {
  return [=](Random& r, TrueTime left) {
    const Duration a = first(r, left);
    const Duration b = second(r, left);
    return a < Duration{} || b < Duration{} ? kLost : a + b;
  };
}
// Another model within a span of time.
inline Delay within(Span span, Delay then, Delay usual) {
  return [=](Random& r, TrueTime left) {
    return span.contains(left) ? then(r, left) : usual(r, left);
  };
}
// A longer way for some time: another route, another rate of a radio.
inline Delay floor_moved(Span span, Duration by, Delay delay) {
  return within(span, followed_by(constant(by), delay), delay);
}
inline Delay lost_within(Span span, Delay delay) { return within(span, constant(kLost), delay); }

// Minutes in which a link is busy, drawn anew each: the same ones for all who take the same seed,
// so that both directions of a link are busy together.
inline Delay busy_minutes(double share, std::uint64_t seed, Delay busy, Delay usual) {
  return [=](Random& r, TrueTime left) {
    const auto minute = static_cast<std::uint64_t>(left.count_ns() / 60'000'000'000);
    const bool is_busy = Random{seed + minute * 0x9E37'79B9U}.uniform() < share;
    return is_busy ? busy(r, left) : usual(r, left);
  };
}

}  // namespace timecast::sim
