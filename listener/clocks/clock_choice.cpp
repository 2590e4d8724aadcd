// SPDX-License-Identifier: MIT
#include "listener/clocks/clock_choice.hpp"

#include <utility>

#include "common/host/option_value.hpp"
#include "listener/clocks/kernel_discipline.hpp"

namespace timecast {

Result<ClockChoice> parse_clock(std::string_view text) {
  for (const ClockKind kind : {ClockKind::none, ClockKind::kernel}) {
    if (text == to_string(ClockChoice{kind})) return ClockChoice{kind};
  }
  return because(unfit(text, "is none of none, kernel"));
}

std::string to_string(const ClockChoice& choice) {
  switch (choice.kind) {
    case ClockKind::none: return "none";
    case ClockKind::kernel: return "kernel";
  }
  return "unnamed";
}

std::unique_ptr<Discipline> make_discipline(const ClockChoice& choice, const ClockPolicy& policy,
                                            LogSink log) {
  switch (choice.kind) {
    case ClockKind::none: return nullptr;
    case ClockKind::kernel:
      return std::make_unique<KernelDiscipline>(KernelDiscipline::Settings{policy.trust_tentative},
                                                std::move(log));
  }
  return nullptr;
}

}  // namespace timecast
