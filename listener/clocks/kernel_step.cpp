// SPDX-License-Identifier: MIT
#include "listener/clocks/kernel_step.hpp"

#include <cerrno>
#include <cstdint>

namespace timecast {

timex step_request(Duration amount) noexcept {
  constexpr std::int64_t kSecondNs = 1'000'000'000;
  // The clock may not be told to go back a part of a second: it goes back a whole one more, and on.
  std::int64_t seconds = amount.count_ns() / kSecondNs;
  std::int64_t rest_ns = amount.count_ns() % kSecondNs;
  if (rest_ns < 0) {
    --seconds;
    rest_ns += kSecondNs;
  }
  timex jump{};
  jump.modes = ADJ_SETOFFSET | ADJ_NANO;
  jump.time.tv_sec = seconds;
  jump.time.tv_usec = rest_ns;  // nanoseconds, by ADJ_NANO
  return jump;
}

Result<void> step_clock(Duration amount, const KernelCalls& calls) {
  timex jump = step_request(amount);
  if (calls.adjtimex(&jump) != -1) return {};
  const int reason = errno;
  return because(system_error("cannot set this host's clock", reason,
                              reason == EPERM ? "run this as root, or with CAP_SYS_TIME" : ""));
}

}  // namespace timecast
