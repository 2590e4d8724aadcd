// SPDX-License-Identifier: MIT
//
// `--clock KIND`: what the operator wants to be done with the time.
//
//     none      measured and reported
//     kernel    this host's clock is disciplined
//
// Threads: any.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <timecast/time/frequency.hpp>

#include "common/host/error.hpp"
#include "listener/clocks/discipline.hpp"

namespace timecast {

enum class ClockKind : std::uint8_t { none, kernel };

struct ClockChoice {
  ClockKind kind = ClockKind::none;
  friend bool operator==(const ClockChoice&, const ClockChoice&) = default;
};

// Errors: the text is no kind; what is.
[[nodiscard]] Result<ClockChoice> parse_clock(std::string_view text);
[[nodiscard]] std::string to_string(const ClockChoice& choice);

// What may be done to a clock that is chosen.
struct ClockPolicy {
  std::optional<Duration> step_over;  // --step: what is further off may be stepped at any time
  FrequencyPpb max_slew{500'000};     // --max-slew
  bool trust_tentative = false;       // --trust-listening
};

// Nothing for `none`.
[[nodiscard]] std::unique_ptr<Discipline> make_discipline(const ClockChoice& choice,
                                                          const ClockPolicy& policy, LogSink log);

}  // namespace timecast
