// SPDX-License-Identifier: MIT
//
// `--clock KIND`: what the operator wants to be done with the time.
//
//     none           measured and reported
//     kernel         this host's clock is disciplined
//     auto           what suits this host, see host_timekeepers.hpp
//     chrony:PATH    chronyd is fed, by its socket
//     ntp-shm:UNIT   ntpd or chronyd is fed, by shared memory
//
// Threads: any.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <timecast/listener/config.hpp>

#include "common/host/error.hpp"
#include "listener/clocks/discipline.hpp"

namespace timecast {

enum class ClockKind : std::uint8_t { none, kernel, automatic, chrony, ntp_shm };

struct ClockChoice {
  ClockKind kind = ClockKind::none;
  std::string path;  // of chronyd's socket
  int unit = 0;      // of the shared memory
  friend bool operator==(const ClockChoice&, const ClockChoice&) = default;
};

// Errors: the text is no kind; what is.
[[nodiscard]] Result<ClockChoice> parse_clock(std::string_view text);
[[nodiscard]] std::string to_string(const ClockChoice& choice);

// What may be done to a clock that is chosen.
struct ClockPolicy {
  std::optional<Duration> step_over;  // --step: what is further off may be stepped at any time
  FrequencyPpb max_slew = ListenerConfig{}.max_slew;  // --max-slew
  bool trust_tentative = false;                       // --trust-listening
};

// Whose word it is that the kernel's clock is synchronised, if it is: see word_memory.hpp.
enum class KernelsWord : std::uint8_t { unknown, ours };

// Nothing for `none`, nor where `auto` comes to that; the log says why.
[[nodiscard]] std::unique_ptr<Discipline> make_discipline(const ClockChoice& choice,
                                                          const ClockPolicy& policy,
                                                          KernelsWord word, LogSink log);

}  // namespace timecast
