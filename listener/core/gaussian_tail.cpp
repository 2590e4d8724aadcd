// SPDX-License-Identifier: MIT
#include "listener/core/gaussian_tail.hpp"

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace timecast {
namespace {

constexpr double kLn2 = 0.69314718055994530942;
constexpr double kLog2E = 1.44269504088896340736;
constexpr double kLogSqrt2Pi = 0.91893853320467274178;
constexpr double kCertain = 6;  // all but 1e-9
constexpr double kSqrt2 = 1.41421356237309504880;
constexpr std::uint64_t kOne = std::uint64_t{1} << 52U;  // of the exponent, above the fraction
constexpr std::uint64_t kExponentOfOne = 1'023;

// At file scope: locals would be copied to the stack before use. From the highest power down.
constexpr std::array<double, 4> kGapNumerator{0.019292155278081538, 0.14089047501927601,
                                              0.48550696102729121, 0.79788226539527489};
constexpr std::array<double, 5> kGapDenominator{0.01929221081920454, 0.14087270667440552,
                                                0.52496101219668207, 1.0638263364511978, 1.0};
constexpr std::array<double, 6> kOddInverses{1.0 / 11, 1.0 / 9, 1.0 / 7, 1.0 / 5, 1.0 / 3, 1.0};
constexpr std::array<double, 9> kTaylor{1.0 / 40'320, 1.0 / 5'040, 1.0 / 720, 1.0 / 120, 1.0 / 24,
                                        1.0 / 6,      1.0 / 2,     1.0,       1.0};

double polynomial(const double* c, const double* end, double x) noexcept {
  double sum = *c++;
  while (c != end) sum = sum * x + *c++;
  return sum;
}
template <std::size_t N>
double polynomial(const std::array<double, N>& coefficients, double x) noexcept {
  return polynomial(coefficients.begin(), coefficients.end(), x);
}

double power_of_two(int n) noexcept {
  return std::bit_cast<double>((kExponentOfOne + static_cast<std::uint64_t>(n)) * kOne);
}

// 1/R(y) - y for y >= 0, where R is Mills' ratio: minimax, within 3e-6 of its size up to 30, and
// the asymptotic series beyond, because there 1 - gap * (y + gap) must keep its digits.
double gap_below(double y) noexcept {
  if (y <= 30) return polynomial(kGapNumerator, y) / polynomial(kGapDenominator, y);
  const double r = 1 / y;
  const double q = r * r;
  return r - 2 * r * q * (1 - 5 * q);
}

}  // namespace

// Newton's steps from a guess, its bits: the exponent halved and turned round, and the fraction
// with it. Each squares the error: 3e-2, 2e-3, 5e-6, 3e-11.
double per_root_of(double x) noexcept {
  constexpr std::uint64_t kTurned = 0x5FE6'EB50'C7B5'37A9;
  double y = std::bit_cast<double>(kTurned - std::bit_cast<std::uint64_t>(x) / 2);
  const double half = x * 0.5;
  for (int i = 0; i < 3; ++i) y *= 1.5 - half * y * y;
  return y;
}

double root_of(double x) noexcept { return x * per_root_of(x); }

// x = 2^n * f with f around 1; log f = 2 atanh((f - 1) / (f + 1)).
double log_of(double x) noexcept {
  const auto bits = std::bit_cast<std::uint64_t>(x);
  int n = static_cast<int>(bits / kOne) - static_cast<int>(kExponentOfOne);
  double f = std::bit_cast<double>(bits % kOne + kExponentOfOne * kOne);
  if (f > kSqrt2) {
    f *= 0.5;
    ++n;
  }
  const double t = (f - 1) / (f + 1);
  return n * kLn2 + 2 * t * polynomial(kOddInverses, t * t);
}

double exp_of(double x) noexcept {
  if (!(x >= -700)) return 0;  // nor is what is no number
  const int n = static_cast<int>(x * kLog2E - 0.5);
  return polynomial(kTaylor, x - n * kLn2) * power_of_two(n);
}

GaussianTail gaussian_tail(double u) noexcept {
  if (u > kCertain) return {u, 0};
  const double gap = gap_below(u < 0 ? -u : u);
  if (u <= 0) return {gap, -kLogSqrt2Pi - log_of(gap - u)};
  // p is 1 - density / m, and the gap u + density / p: by one division, which software is slow at.
  const double density = exp_of(-u * u / 2 - kLogSqrt2Pi);
  const double m = u + gap;
  const double rest = m - density;
  const double per = 1 / (m * rest);
  return {u + density * m * m * per, log_of(rest * rest * per)};
}

}  // namespace timecast
