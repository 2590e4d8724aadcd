// SPDX-License-Identifier: MIT
//
// What a listener is told before it starts.
//
// Builds:  freestanding; a plain value that the listener copies.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include <timecast/time/duration.hpp>
#include <timecast/time/frequency.hpp>
#include <timecast/time/ntp_time.hpp>
#include <timecast/time/timestamp.hpp>
#include <timecast/wire/entropy.hpp>
#include <timecast/wire/signature.hpp>

namespace timecast {

enum class SignatureMode : std::uint8_t {
  first_use,  // the keys heard in the first ten minutes, each after a signed challenge
  pinned,     // the configured keys alone
  off,        // signatures are not checked: anybody on the network can set the time
};

inline constexpr std::size_t kMaxKeys = 8;

struct ListenerConfig {
  Entropy entropy;    // REQUIRED
  Verifier verifier;  // REQUIRED unless signatures are off
  SignatureMode signatures = SignatureMode::first_use;
  std::array<PublicKey, kMaxKeys> keys{};  // trusted from the start
  std::size_t key_count = 0;

  bool listen_only = false;  // never send: the delay stays an assumption
  // One-way delay that is assumed until exchanges have measured it, and how wrong it may be.
  Duration delay = Duration::microseconds(100);
  Duration delay_uncertainty = Duration::milliseconds(10);
  // How fast an announcer's clock runs against CLOCK_MONOTONIC_RAW, and how wrong that may be
  // (within it in 99.9 % of all cases): what a listener of before has found of this host's
  // oscillator.
  FrequencyPpb frequency;
  FrequencyPpb frequency_error{800'000};

  // Whether effects correct CLOCK_REALTIME. While the delay is only assumed they slew; in the first
  // three updates after it was measured they step what is off by more than 0.1 s, and later by more
  // than `step_over`, once an exchange has confirmed it. Nothing: later they never step.
  bool steer = false;
  FrequencyPpb max_slew{500'000};  // the fastest phase correction, on top of the frequency
  std::optional<Duration> step_over;

  Duration max_bound = Duration::seconds(1);  // beyond it there is no time to speak of
  // A date that has certainly passed, better the last good time: the era of the first stamp, and
  // what lies before it is refused.
  Timestamp<Announced> pivot{Duration::seconds(1'767'225'600)};  // 2026-01-01
  Log2Seconds precision{-20};                                    // of this host's packet stamps
};

}  // namespace timecast
