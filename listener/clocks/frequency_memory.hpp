// SPDX-License-Identifier: MIT
//
// What a listener has found of this host's oscillator, kept in its state directory for the next
// one: a clock that is disciplined runs right from the first second.
//
// Errors:  what cannot be read or written is told the log once; nothing depends on it.
// Threads: one.
#pragma once

#include <optional>
#include <string>

#include <timecast/listener/status.hpp>

#include "common/host/places.hpp"
#include "listener/clocks/discipline.hpp"

namespace timecast {

// Of the announcer's clock against CLOCK_MONOTONIC_RAW.
struct KnownFrequency {
  FrequencyPpb frequency;
  FrequencyPpb error;  // 99.9 %
};

// Synchronised, and known to 1 ppm.
[[nodiscard]] bool is_worth_keeping(const ListenerStatus& status) noexcept;
[[nodiscard]] KnownFrequency frequency_of(const ListenerStatus& status) noexcept;
// Nothing if no oscillator is so far off, whoever says it.
[[nodiscard]] std::optional<KnownFrequency> if_possible(const KnownFrequency& known) noexcept;

// What is not in the file's form or out of range is nothing.
[[nodiscard]] std::optional<KnownFrequency> parse_frequency(std::string_view text);
[[nodiscard]] std::string frequency_file_text(const KnownFrequency& known);

class FrequencyMemory {
 public:
  static constexpr Duration kSaveEvery = Duration::seconds(600);

  // `directory` is the state directory that the operator names, if he does.
  FrequencyMemory(const GivenPlace& directory, LogSink log);
  ~FrequencyMemory() { save(); }
  FrequencyMemory(const FrequencyMemory&) = delete;
  FrequencyMemory& operator=(const FrequencyMemory&) = delete;

  [[nodiscard]] std::optional<KnownFrequency> load();
  // Every second; keeps what is worth keeping.
  void note(const ListenerStatus& status, const Moment& now);

 private:
  void save();
  void complain(const Error& error);

  GivenPlace directory_;
  LogSink log_;
  std::optional<KnownFrequency> latest_;  // not saved yet
  Timestamp<Boot> next_save_;
  bool has_complained_ = false;
};

}  // namespace timecast
