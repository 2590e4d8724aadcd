// SPDX-License-Identifier: MIT
#include "tests/embedded/firmware/traffic.hpp"

#include <array>
#include <bit>

namespace timecast::test {
namespace {

constexpr unsigned kLost = 16;
constexpr unsigned kVeryLate = 64;
constexpr int kVeryLateTimes = 30;
constexpr unsigned kRarely = 16;
constexpr Duration kStampUncertainty = Duration::nanoseconds(500);

}  // namespace

const Traffic::Noise& Traffic::noise_at(int turn) noexcept {
  static constexpr std::array<Noise, 9> kNoises{{
      {500, 10'000, 200, 40'000, 5'000, 1'000},               // a quiet switch
      {1'100, 1'000'000, 5'000, 40'000, 5'000, 1'000},        // a busy network
      {1'600, 10'000, 20'000, 40'000, 5'000, 1'000},          // no edge
      {2'000, 10'000, 20'000, 240'000, 5'000, 1'000},         // by another way
      {2'400, 5'000'000, 1'000, 300'000, 50'000'000, 1'000},  // a station that saves power
      {2'700, 2'000, 100, 20'000, 0, 125},
      {2'900, 2'000, 100, 20'000, 5'000, 64'000},
      {3'400, 100'000, 10'000, 300'000, -250'000, 1'000},  // unicast takes a detour
      {kTurns, 100, 20, 5'000, 0, 1'000},                  // two boards on one cable
  }};
  for (const Noise& noise : kNoises) {
    if (turn < noise.until) return noise;
  }
  return kNoises.back();
}

// SplitMix64.
std::uint64_t Traffic::draw() noexcept {
  state_ += 0x9e37'79b9'7f4a'7c15;
  std::uint64_t z = state_;
  z = (z ^ (z >> 30)) * 0xbf58'476d'1ce4'e5b9;
  z = (z ^ (z >> 27)) * 0x94d0'49bb'1331'11eb;
  return z ^ (z >> 31);
}

// The logarithm of a draw, straight between powers of two.
std::int64_t Traffic::exponential(std::int64_t mean) noexcept {
  const std::uint64_t drawn = draw() | 1;
  const int zeros = std::countl_zero(drawn);
  const auto fraction = static_cast<std::int64_t>((drawn << zeros) >> 43) - (1 << 20);
  const std::int64_t halvings = (std::int64_t{zeros} + 1) * (1 << 20) - fraction;
  return mean * 7 / 10 * halvings / (1 << 20);
}

// The sum of four.
std::int64_t Traffic::bell(std::int64_t deviation) noexcept {
  const std::uint64_t drawn = draw();
  std::int64_t sum = std::int64_t{-2} * 0xffff;
  for (unsigned i = 0; i < 4; ++i) sum += static_cast<std::int64_t>(drawn >> (16 * i) & 0xffff);
  return sum * deviation * 7 / 4 / (1 << 16);
}

Duration Traffic::delay(const Noise& noise) noexcept {
  const int late = one_in(kVeryLate) ? noise.late * kVeryLateTimes : noise.late;
  const std::int64_t excess = exponential(late);
  return Duration::nanoseconds(noise.base + excess + bell(noise.edge));
}

// What is no noise.
void Traffic::jump(Turn& turn) noexcept {
  switch (turn_) {
    case 0:
    case 500:
    case 1'100:
    case 2'400:
    case 2'900:
    case 3'400: turn.anew = true; break;
    case 300: ahead_ += Duration::milliseconds(50); break;
    case 1'400: ahead_ += Duration::milliseconds(-20); break;
    case 1'900:
      ahead_ += Duration::seconds(-3'600);
      turn.jumped = true;
      break;
    case 3'100: turn.stamped = true; break;
    case 3'700: rate_ppb_ -= 20'000; break;
    case 3'850: ahead_ += Duration::milliseconds(30); break;
    default: break;
  }
}

// The reply comes a while later, so that the request is older than what is known by then.
void Traffic::ask(const Noise& noise, Turn& turn) noexcept {
  const Duration onward = delay(noise);
  const Duration backward = delay(noise);
  turn.asked = true;
  const Duration ahead = ahead_ + (turn_ == 200 ? Duration::milliseconds(30) : Duration{});
  turn.there = {now_ + Duration::milliseconds(40), ahead + onward, kStampUncertainty};
  turn.back = {turn.there.at + onward + backward, ahead - backward, kStampUncertainty};
}

Turn Traffic::next(Eagerness eagerness) noexcept {
  const Noise& noise = noise_at(turn_);
  Turn turn;
  jump(turn);
  now_ = now_ + Duration::milliseconds(noise.interval_ms);
  rate_ppb_ += bell(3);
  ahead_ += Duration::nanoseconds(rate_ppb_ * noise.interval_ms / 1'000);

  Duration taken = delay(noise);
  taken += Duration::nanoseconds(noise.detour < 0 ? noise.detour : exponential(noise.detour));
  if (turn_ >= 450 && turn_ < 462) taken += Duration::milliseconds(80);  // a row of late ones
  turn.heard = !one_in(kLost);
  turn.announcement = {now_ + taken, ahead_ - taken, kStampUncertainty};
  const bool wanted = one_in(kRarely) || eagerness != Eagerness::rare;
  const bool silent = turn_ >= 3'800 && turn_ < 3'950;
  if ((wanted && !silent) || turn_ == 200) ask(noise, turn);
  ++turn_;
  return turn;
}

}  // namespace timecast::test
