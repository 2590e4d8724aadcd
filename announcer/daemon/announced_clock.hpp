// SPDX-License-Identifier: MIT
//
// The clock that is announced, as a function of this host's CLOCK_REALTIME. In the product they
// are the same. A test announces another one, so that a listener on the same host has something
// to find.
//
// Threads: the loop's.
#pragma once

#include <functional>

#include <timecast/time/timestamp.hpp>

#include "announcer/core/announcer.hpp"

namespace timecast {

class AnnouncedClock {
 public:
  using Function = std::function<Timestamp<Announced>(Timestamp<Realtime>)>;

  AnnouncedClock() = default;
  explicit AnnouncedClock(Function function) : function_{std::move(function)} {}

  [[nodiscard]] Timestamp<Announced> at(Timestamp<Realtime> t) const {
    return function_ ? function_(t) : Timestamp<Announced>{t.since_epoch()};
  }
  [[nodiscard]] AnnouncedMoment at(const Moment& moment) const {
    return {at(moment.realtime), moment};
  }

 private:
  Function function_;
};

}  // namespace timecast
