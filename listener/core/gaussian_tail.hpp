// SPDX-License-Identifier: MIT
//
// The few functions of probability that the estimator needs, by arithmetic that gives the same bits
// on every machine with IEEE 754 doubles: additions, multiplications, divisions, square roots.
//
// One of these rounds wrongly on ARM without hardware for doubles (GCC 12): 1 - x where x is around
// 1e-10, of [2^-33, 2^-32). So nothing in the estimator takes so little from 1.
//
// Errors:  none. Arguments outside the ranges given are the caller's fault.
// Builds:  freestanding; compiled without contraction (no fused multiply-add).
#pragma once

namespace timecast {

// 1 / sqrt(x), x normal and positive; within 5e-11 of its size.
[[nodiscard]] double per_root_of(double x) noexcept;
// sqrt(x) for x >= 0, as close.
[[nodiscard]] double root_of(double x) noexcept;

// Natural logarithm of a normal positive number; within 2e-11.
[[nodiscard]] double log_of(double x) noexcept;

// e to the power of x <= 0; within 1e-9 of its size, 0 below -700.
[[nodiscard]] double exp_of(double x) noexcept;

// A standard normal variable N that is known to be below u.
struct GaussianTail {
  double gap;    // u - E[N | N < u]: how far below u it is expected; > 0
  double log_p;  // log of the probability of N < u, less -u*u/2 where u < 0
};
[[nodiscard]] GaussianTail gaussian_tail(double u) noexcept;

}  // namespace timecast
