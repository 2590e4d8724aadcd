// SPDX-License-Identifier: MIT
#include "listener/daemon/wait.hpp"

#include <algorithm>
#include <chrono>
#include <thread>

#include "common/host/host_clock.hpp"
#include "common/host/program.hpp"
#include "common/host/seconds_text.hpp"
#include "listener/daemon/now.hpp"

namespace timecast {

namespace {

constexpr Duration kBetween = Duration::milliseconds(200);
// For one answer: less and a busy listener could not give it, more and a stopped one was not seen.
constexpr Duration kLeastPatience = Duration::seconds(1);
constexpr Duration kMostPatience = Duration::seconds(5);

}  // namespace

Result<JsonObject> trusted_estimate(const Result<std::string>& answer) {
  auto estimate = estimate_in(answer);
  if (!estimate) return estimate;
  const std::string state = estimate->string("state").value_or("unknown");
  if (state == "synchronised") return estimate;
  return because(Error{state + ": " + estimate->string("reason").value_or("unknown")});
}

int wait_for_time(const ListenerOptions& options) {
  const Timestamp<Boot> deadline = boot_now() + options.timeout;
  for (;;) {
    const Duration patience = std::clamp(deadline - boot_now(), kLeastPatience, kMostPatience);
    auto estimate =
        trusted_estimate(ask_daemon("timecast-listener", options.socket, "estimate", patience));
    if (estimate) {
      const auto line = now_line(std::move(*estimate), realtime_now(), options);
      return line ? print(*line + '\n') : fail(line.error());
    }
    if (boot_now() + kBetween > deadline) {
      const bool is_now = options.timeout == Duration{};
      return fail(Error{"there is no time to trust " +
                        (is_now ? "now" : "within " + seconds_text(options.timeout)) + ": " +
                        estimate.error().text});
    }
    std::this_thread::sleep_for(std::chrono::nanoseconds{kBetween.count_ns()});
  }
}

}  // namespace timecast
