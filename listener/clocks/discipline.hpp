// SPDX-License-Identifier: MIT
//
// What becomes of the time that a listener has measured: `--clock KIND`.
//
// Errors:  none to the caller; what fails is told the log when it begins and when it ends, and
//          tried again with the next effect.
// Threads: one.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include <timecast/listener/events.hpp>
#include <timecast/listener/status.hpp>

#include "common/host/log.hpp"

namespace timecast {

using LogSink = std::function<void(Level, std::string_view)>;

class Discipline {
 public:
  Discipline() = default;
  Discipline(const Discipline&) = delete;
  Discipline& operator=(const Discipline&) = delete;
  virtual ~Discipline() = default;  // leaves the clock as release() does

  // set_frequency, slew or step; `now` is of the same turn. Returns whether the clock was stepped.
  virtual bool carry_out(const Effect& effect, const Moment& now) = 0;
  // What others may believe of the clock: every second, and with every change of state.
  virtual void vouch(const ListenerStatus& status, const Moment& now) = 0;
  // The end: nothing that was begun goes on.
  virtual void release() = 0;
  // For people: what it does, and what keeps it from doing so.
  [[nodiscard]] virtual std::string describe() const = 0;
};

}  // namespace timecast
