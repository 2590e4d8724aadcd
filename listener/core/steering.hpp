// SPDX-License-Identifier: MIT
//
// How CLOCK_REALTIME is brought to the announcer's time and kept there: once a second its rate, and
// a phase correction that ends by itself before the next comes.
//
//     rate = estimated frequency + offset / tau
//
// What the estimate wavers by from packet to packet need not reach the clock: tau is a tenth of the
// time over which the estimator remembers, so it is short where the estimate is quick and steady
// where it is slow. A start must not wait for that.
//
// The frequency is against CLOCK_MONOTONIC_RAW, as in the estimator, so what was set before does
// not enter.
//
//     synchronised   slew; step in the first updates, later within the policy of the configuration
//     tentative      slew; nothing once an answer has refuted what is announced
//     holdover       nothing: the frequency stays, and no phase is known
//     lost           nothing
//
// Errors:  none.
// Builds:  freestanding.
#pragma once

#include <timecast/listener/config.hpp>
#include <timecast/listener/events.hpp>
#include <timecast/listener/status.hpp>

namespace timecast {

// What there is to steer by.
struct Course {
  State state = State::searching;
  bool refuted = false;  // nothing goes there: what is left of the correction before ends
  bool doubtful = false;
  Duration offset;         // announcer minus CLOCK_REALTIME
  Duration sigma;          // of `offset`
  Duration memory;         // of the estimator
  FrequencyPpb frequency;  // of the announcer against CLOCK_MONOTONIC_RAW
  Timestamp<Boot> since;   // when the announcer was heard first
};

class Steering {
 public:
  // Once a second; more often while a start waits for the delay to be measured.
  [[nodiscard]] Timestamp<Boot> due() const noexcept { return due_; }
  // An exchange agreed with the offset; its query left at `sent`.
  void on_exchange(Timestamp<Raw> sent) noexcept {
    if (is_far_ && sent > far_since_) is_confirmed_ = true;
  }
  // Another announcer's time is followed from now on. Soon after the start it may be stepped to as
  // the first was: who is heard first is chance, and may be the one that the others outvote.
  void on_other_announcer(Timestamp<Boot> now) noexcept {
    if (now - began_ < kUnsettled) updates_ = 0;
    is_far_ = false;  // what was confirmed was the distance of the one before
    is_confirmed_ = false;
  }
  // What the last update asked for was not done, so it is none that counts.
  void on_failed() noexcept {
    if (counted_ && updates_ != 0 && --updates_ == 0) began_ = Timestamp<Boot>{Duration::max()};
    counted_ = false;
  }
  // Adds at most two effects. Returns whether an exchange is wanted, to confirm the offset.
  [[nodiscard]] bool update(const Course& course, const Moment& now, const ListenerConfig& config,
                            Effects& effects) noexcept;

 private:
  static constexpr Duration kUnsettled = Duration::seconds(60);

  // Returns whether the clock has just been found too far off to be slewed.
  [[nodiscard]] bool watch_distance(Duration far, Timestamp<Raw> now,
                                    const std::optional<Duration>& step_over) noexcept;

  Timestamp<Boot> due_{Duration::min()};
  std::uint8_t updates_ = 0;                // while synchronised, as far as they are counted
  bool counted_ = false;                    // the last one was
  bool is_far_ = false;                     // further off than the configured limit
  bool is_confirmed_ = false;               // and an exchange since then says so too
  Timestamp<Boot> began_{Duration::max()};  // the first update while synchronised
  Timestamp<Raw> far_since_;
  Timestamp<Boot> stepped_{Duration::min()};
};

}  // namespace timecast
