// SPDX-License-Identifier: MIT
//
// Announcements in a row that do not fit what is believed. A lone one is passed over; what many in
// a row mean depends on whether they are early, late alike, or each later than the one before.
//
// Units:   doubles, nanoseconds.
// Errors:  none.
// Builds:  freestanding.
#pragma once

#include <cstdint>

#include <timecast/time/timestamp.hpp>

#include "listener/core/delay_noise.hpp"

namespace timecast {

// Nothing is so many deviations too early by chance.
inline constexpr double kTooEarly = 6;
// So many late ones that are alike are no chance either.
inline constexpr std::uint32_t kLateRow = 8;
// So many that rise from the first on are worth a question.
inline constexpr std::uint32_t kSuspiciousRow = 3;

class Doubt {
 public:
  // Whether an announcement fits, which ends the row; otherwise it is the row's next.
  [[nodiscard]] bool fits(const Innovation& seen, const DelayNoise& noise,
                          Timestamp<Raw> when) noexcept;

  void forget() noexcept;

  // The latest one has made the row long enough to ask why.
  [[nodiscard]] bool asks() const noexcept { return asks_; }
  // It may soon: each so far is later than the one before. An answer then is early enough to tell.
  [[nodiscard]] bool suspects() const noexcept { return row_ == kSuspiciousRow && rising_ == row_; }
  // It has been long enough once: nothing of what is announced is believed before an answer.
  [[nodiscard]] bool pending() const noexcept { return pending_; }
  // Pending, and large beside such a deviation.
  [[nodiscard]] bool is_far(double deviation) const noexcept;
  // Pending, and an answer was held up: whether a better one is worth waiting for.
  [[nodiscard]] bool overlooks_answer() noexcept;
  // There was no answer, and there will be none; of who is `alone`, and asks nobody, early ones
  // want none: nothing arrives before it was sent.
  [[nodiscard]] bool is_unanswered(bool alone) const noexcept;

  [[nodiscard]] std::uint32_t row() const noexcept { return row_; }
  [[nodiscard]] Timestamp<Raw> since() const noexcept { return since_; }
  // REQUIRES: row() > 0.
  [[nodiscard]] double mean() const noexcept;
  // The row grows: it is no step but another rate, since then.
  [[nodiscard]] bool drifts() const noexcept;
  [[nodiscard]] double last() const noexcept { return last_; }
  // By how much what is believed may be wrong, if the row is right.
  [[nodiscard]] double contradiction(const DelayNoise& noise) const noexcept;

 private:
  std::uint32_t row_ = 0;
  std::uint32_t rising_ = 0;    // in a row, each later than the one before
  std::uint32_t answered_ = 0;  // the row's length at the last answer
  bool early_ = false;
  bool serious_ = false;  // long enough to say so
  bool asks_ = false;
  bool pending_ = false;
  std::uint8_t overlooked_ = 0;  // answers
  Timestamp<Raw> since_;
  double least_ = 0;
  double sum_ = 0;
  double last_ = 0;
};

}  // namespace timecast
