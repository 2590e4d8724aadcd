// SPDX-License-Identifier: MIT
//
// Whether it was a listener of this host that called the kernel's clock synchronised, kept in the
// state directory for the next one: the kernel does not tell whose word it is, and `--clock auto`
// shall not take that of a listener for another daemon's.
//
// A boot is known by its instant: this host's boot id cannot be read by a service that sees nothing
// of /proc but processes. A clock that was set since is another's word, unless a listener kept it
// then.
//
// Errors:  what cannot be written is told the log once, and tried again; what cannot be read is no
// word. Threads: one.
#pragma once

#include <optional>

#include "common/host/attempts.hpp"
#include "common/host/places.hpp"
#include "listener/clocks/discipline.hpp"

namespace timecast {

class WordMemory {
 public:
  // `directory` is the state directory that the operator names, if he does.
  WordMemory(const GivenPlace& directory, LogSink log);

  // Whether the last word since this boot was a listener's.
  [[nodiscard]] bool was_ours(const Moment& now) const;
  // Every second: whose the word is, as Discipline::owns_word() has it.
  void note(std::optional<bool> is_ours, const Moment& now);

 private:
  Result<void> keep(const Moment& now) const;
  Result<void> forget() const;

  GivenPlace directory_;
  LogSink log_;
  Attempts attempts_;
  std::optional<bool> noted_;
  Duration noted_boot_;  // which a step of the clock moves
};

}  // namespace timecast
