// SPDX-License-Identifier: MIT
#include "listener/daemon/now.hpp"

#include "common/host/calendar_text.hpp"
#include "common/host/host_clock.hpp"
#include "common/host/program.hpp"
#include "common/host/seconds_text.hpp"

namespace timecast {

namespace {

constexpr Duration kAnswerWithin = Duration::seconds(5);

Duration seconds_at(const JsonObject& estimate, std::string_view key) {
  return Duration::from_seconds(estimate.number(key).value_or(0));
}

}  // namespace

bool has_time(std::string_view state) noexcept {
  return state == "tentative" || state == "synchronised" || state == "holdover";
}

Result<JsonObject> estimate_in(const Result<std::string>& answer) {
  if (!answer) return because(answer.error());
  auto estimate = JsonObject::parse(*answer);
  if (estimate) return estimate;
  return because(Error{"the listener's answer: " + estimate.error().text});
}

Result<std::string> now_line(JsonObject estimate, Timestamp<Realtime> here,
                             const ListenerOptions& options) {
  const std::string state = estimate.string("state").value_or("unknown");
  const std::string reason = estimate.string("reason").value_or("unknown");
  if (!has_time(state)) {
    return because(Error{"there is no time to trust: " + state + ": " + reason});
  }
  const Duration now = here.since_epoch() + seconds_at(estimate, "offset_s");
  if (options.json) return estimate.add("now", iso_text(now)).add("now_s", now).text();
  if (!options.format) {
    return iso_text(now) + " +-" + seconds_text(seconds_at(estimate, "bound_s")) + ", error " +
           seconds_text(seconds_at(estimate, "error_s")) + "; " + state + ": " + reason;
  }
  const auto text = strftime_text(now, *options.format);
  if (text) return *text;
  return because(Error{"--format: " + text.error().text});
}

int show_now(const ListenerOptions& options) {
  auto estimate =
      estimate_in(ask_daemon("timecast-listener", options.socket, "estimate", kAnswerWithin));
  if (!estimate) return fail(estimate.error());
  const auto line = now_line(std::move(*estimate), realtime_now(), options);
  return line ? print(*line + '\n') : fail(line.error());
}

}  // namespace timecast
