// SPDX-License-Identifier: MIT
//
// Gives another time daemon of this host what was measured, a sample with each announcement that
// counts; that one steers the clock.
//
// Errors:  see Discipline.
// Threads: one.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "common/host/attempts.hpp"
#include "common/host/error.hpp"
#include "listener/clocks/discipline.hpp"

namespace timecast {

// At `at` of CLOCK_REALTIME the true time was `at + offset`.
struct TimeSample {
  Timestamp<Realtime> at;
  Duration offset;
  Leap leap = Leap::none;
  Log2Seconds precision{-20};  // not below what is known of it
};

class Feed : public Discipline {
 public:
  // `to`: where it goes, for people.
  Feed(std::string to, bool trust_tentative, LogSink log);

  [[nodiscard]] bool steers() const noexcept override { return false; }
  Outcome carry_out(const Effect& /*effect*/, const Moment& /*now*/) override {
    return Outcome::done;
  }
  void vouch(const ListenerStatus& status, const Moment& now) override;
  [[nodiscard]] std::string describe() const override;

 private:
  virtual Result<void> put(const TimeSample& sample) = 0;
  // Nothing while there is none to trust, and once for each announcement.
  std::optional<TimeSample> sample_of(const ListenerStatus& status, const Moment& now);

  std::string to_;
  bool trust_tentative_;
  LogSink log_;
  Attempts attempts_;
  std::uint32_t announcements_ = 0;  // of the last sample
  std::uint64_t samples_ = 0;
};

}  // namespace timecast
