// SPDX-License-Identifier: MIT
//
// Exchanges that take longer than they should, against those that do not: whether that is the
// network by now.
//
// Units:   doubles, nanoseconds.
// Errors:  none.
// Builds:  freestanding.
#pragma once

namespace timecast {

class HeldUp {
 public:
  // One whose ways took so much longer.
  void count(double there, double back) noexcept;
  // One that was prompt, or nearly: there and back by so much longer together.
  void count_prompt(double longer) noexcept;
  void forget() noexcept { *this = HeldUp{}; }

  // How many were held up. A prompt one makes up for two: hosts that every other one must wake are
  // no other network.
  [[nodiscard]] double count() const noexcept { return count_; }
  // REQUIRES of all below: count() > 0.
  // The least that any of the last ones took longer, one way.
  [[nodiscard]] double least() const noexcept { return least_; }
  // What those that were held up took longer.
  [[nodiscard]] double there() const noexcept { return there_ / count_; }
  [[nodiscard]] double back() const noexcept { return back_ / count_; }

 private:
  double count_ = 0;
  double there_ = 0;  // sums
  double back_ = 0;
  double least_ = 0;
};

}  // namespace timecast
