// SPDX-License-Identifier: MIT
//
// What becomes of the time that a listener has measured: `--clock KIND`.
//
// Errors:  none to the caller; what fails is told the log when it begins and when it ends, and
//          tried again with the next effect.
// Threads: one.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
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
  virtual ~Discipline() = default;  // nothing that was begun goes on

  // Whether the core's effects shall come here. A clock that another program keeps is not steered.
  [[nodiscard]] virtual bool steers() const noexcept = 0;
  enum class Outcome : std::uint8_t { done, stepped, failed };
  // set_frequency, slew or step; `now` is of the same turn.
  virtual Outcome carry_out(const Effect& effect, const Moment& now) = 0;
  // What others may believe of the clock: every second, and with every change of state.
  virtual void vouch(const ListenerStatus& status, const Moment& now) = 0;
  // Whether it is by our word that the kernel calls the clock synchronised, or by another
  // program's. Nothing: it was neither seen nor said yet.
  [[nodiscard]] virtual std::optional<bool> owns_word() const noexcept { return std::nullopt; }
  // How much later than at `due` the next effects had better come.
  [[nodiscard]] virtual Duration postponed(const Moment& /*due*/) const noexcept { return {}; }
  // For people: what it does, and what keeps it from doing so.
  [[nodiscard]] virtual std::string describe() const = 0;
};

}  // namespace timecast
