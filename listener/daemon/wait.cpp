// SPDX-License-Identifier: MIT
#include "listener/daemon/wait.hpp"

#include <algorithm>
#include <chrono>
#include <thread>

#include "common/host/host_clock.hpp"
#include "common/host/log.hpp"
#include "common/host/program.hpp"
#include "common/host/seconds_text.hpp"
#include "listener/clocks/host_timekeepers.hpp"
#include "listener/clocks/kernel_step.hpp"
#include "listener/daemon/now.hpp"

namespace timecast {

namespace {

constexpr Duration kBetween = Duration::milliseconds(200);
// For one answer: less and a busy listener could not give it, more and a stopped one was not seen.
constexpr Duration kLeastPatience = Duration::seconds(1);
constexpr Duration kMostPatience = Duration::seconds(5);
// Who sets a clock, or waits for it to be set, waits for the third of announcements that come as
// often as that.
constexpr Duration kSoon = Duration::seconds(2);
// After a second one the first was no mistake.
constexpr double kEnough = 2;

std::string whole_seconds(Duration span) {
  constexpr std::int64_t kSecond = 1'000'000'000;
  return std::to_string((span.count_ns() + kSecond - 1) / kSecond) + " s";
}

void warn_of_another() {
  const std::string keeper = keeper_name(find_timekeepers());
  if (keeper.empty()) return;
  log(Level::warning, keeper + " keeps this host's clock too, and may set it back; stop it first");
}

// Sets the clock, and says so. What is said of the estimate holds for the clock before.
Result<void> set_clock_aloud(JsonObject& estimate) {
  warn_of_another();
  const auto by = set_clock(estimate);
  if (!by) return because(by.error());
  log(Level::info, *by == Duration{}
                       ? "this host's clock is off by less than the error: it is left as it is"
                       : "set this host's clock by " + signed_seconds_text(*by));
  estimate.add("set_s", *by);
  return {};
}

int show_trusted(JsonObject estimate, const ListenerOptions& options) {
  const Timestamp<Realtime> here = realtime_now();
  if (options.set) {
    const auto set = set_clock_aloud(estimate);
    if (!set) return fail(set.error());
  }
  const auto line = now_line(std::move(estimate), here, options);
  return line ? print(*line + '\n') : fail(line.error());
}

}  // namespace

Result<Duration> set_clock(const JsonObject& estimate, const KernelCalls& calls) {
  const auto offset_s = estimate.number("offset_s");
  const auto error_s = estimate.number("error_s");
  if (!offset_s || !error_s) return because(Error{"the listener's answer: it has no offset"});
  const Duration offset = Duration::from_seconds(*offset_s);
  if (magnitude(offset) <= Duration::from_seconds(*error_s)) return Duration{};
  const auto stepped = step_clock(offset, calls);
  if (!stepped) return because(stepped.error());
  return offset;
}

Result<JsonObject> trusted_estimate(const Result<std::string>& answer, bool of_clock) {
  auto estimate = estimate_in(answer);
  if (!estimate) return estimate;
  const std::string state = estimate->string("state").value_or("unknown");
  const bool is_soon = estimate->number("interval_s").value_or(0) <= kSoon.to_seconds();
  // Each stream counts its own.
  const double each = estimate->number("announcements").value_or(0) /
                      std::max(estimate->number("streams").value_or(1), 1.0);
  const bool is_known = !is_soon || (!of_clock && each >= kEnough);
  // Once an announcer has answered a challenge the bound holds, and it is the third announcement
  // that is still to come.
  const bool is_bounded =
      state == "tentative" && is_known && estimate->boolean("lateness_bounded").value_or(false);
  if (state == "synchronised" || is_bounded) return estimate;
  return because(Error{state + ": " + estimate->string("reason").value_or("unknown")});
}

Result<JsonObject> near_estimate(JsonObject estimate, Duration within) {
  const auto offset_s = estimate.number("offset_s");
  if (!offset_s) return because(Error{"the listener's answer: it has no offset"});
  const Duration offset = Duration::from_seconds(*offset_s);
  if (magnitude(offset) <= within) return estimate;
  return because(Error{"this host's clock is still " + signed_seconds_text(offset) + " off"});
}

int wait_for_time(const ListenerOptions& options) {
  const Timestamp<Boot> deadline = boot_now() + options.timeout;
  std::string told;  // why there is no time yet
  for (;;) {
    const Duration patience = std::clamp(deadline - boot_now(), kLeastPatience, kMostPatience);
    auto estimate =
        trusted_estimate(ask_daemon("timecast-listener", options.socket, "estimate", patience),
                         options.set || options.within.has_value());
    if (estimate && options.within) estimate = near_estimate(std::move(*estimate), *options.within);
    if (estimate) return show_trusted(std::move(*estimate), options);
    if (boot_now() + kBetween > deadline) {
      const bool is_now = options.timeout == Duration{};
      return fail(Error{"there is no time to trust " +
                        (is_now ? "now" : "within " + seconds_text(options.timeout)) + ": " +
                        estimate.error().text});
    }
    if (estimate.error().text != told) {
      told = estimate.error().text;
      say_meanwhile("waiting, for " + whole_seconds(deadline - boot_now()) + " at most: " + told);
    }
    std::this_thread::sleep_for(std::chrono::nanoseconds{kBetween.count_ns()});
  }
}

}  // namespace timecast
