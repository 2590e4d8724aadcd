// SPDX-License-Identifier: MIT
//
// What an estimator may live through, the same on every machine: integers alone make it.
//
//     Traffic traffic;
//     for (int i = 0; i < Traffic::kTurns; ++i) feed(estimator,
//     traffic.next(estimator.eagerness()));
//
// Builds:  freestanding.
#pragma once

#include <cstdint>

#include "listener/core/estimator.hpp"

namespace timecast::test {

// One announcement and what happens before the next.
struct Turn {
  bool heard = true;  // else it was lost
  bool asked = false;
  bool anew = false;     // all is forgotten before
  bool jumped = false;   // this host says so of its own clock
  bool stamped = false;  // announcements are, from now on, by another clock
  Sample announcement;
  Sample there;
  Sample back;
};

// What does not depend on the samples before is drawn; how often to ask is the estimator's choice.
class Traffic {
 public:
  static constexpr int kTurns = 4'000;

  Turn next(Eagerness eagerness) noexcept;

 private:
  // How long packets take beyond their base, in nanoseconds.
  struct Noise {
    int until;  // a turn
    int late;
    int edge;
    int base;
    int detour;  // of announcements, besides: exponential, but exact if negative
    int interval_ms;
  };
  static const Noise& noise_at(int turn) noexcept;

  std::uint64_t draw() noexcept;
  bool one_in(unsigned share) noexcept { return draw() % share == 0; }
  std::int64_t exponential(std::int64_t mean) noexcept;
  std::int64_t bell(std::int64_t deviation) noexcept;
  Duration delay(const Noise& noise) noexcept;
  void jump(Turn& turn) noexcept;
  void ask(const Noise& noise, Turn& turn) noexcept;

  std::uint64_t state_ = 1;
  int turn_ = 0;
  Timestamp<Raw> now_{Duration::seconds(3'000)};
  Duration ahead_ = Duration::milliseconds(250);
  std::int64_t rate_ppb_ = 12'345;
};

// What comes before its packets.
inline void prepare(Estimator& estimator, const Turn& turn) noexcept {
  if (turn.anew) estimator.restart(Duration::microseconds(100), Duration::milliseconds(10));
  if (turn.jumped) estimator.forget_offset();
  if (turn.stamped) estimator.doubt_announcements(Duration::microseconds(20));
}

inline void feed(Estimator& estimator, const Turn& turn) noexcept {
  prepare(estimator, turn);
  if (turn.heard) estimator.add_announcement(turn.announcement);
  if (turn.asked && estimator.count() > 0) {
    static_cast<void>(estimator.add_exchange(turn.there, turn.back));
  }
}

}  // namespace timecast::test
