// SPDX-License-Identifier: MIT
#include "listener/daemon/now.hpp"

#include <time.h>

#include <array>
#include <optional>

#include "common/host/control_socket.hpp"
#include "common/host/host_clock.hpp"
#include "common/host/program.hpp"
#include "common/host/seconds_text.hpp"

namespace timecast {

namespace {

constexpr Duration kAnswerWithin = Duration::seconds(5);
constexpr std::size_t kLongestTime = 4096;
constexpr std::int64_t kNanoseconds = 1'000'000'000;

// The time is at or after a whole second, also before 1970.
struct Split {
  time_t seconds;
  std::int64_t microseconds;
};

Split split(Duration since_epoch) {
  const std::int64_t ns = since_epoch.count_ns();
  const std::int64_t part = (ns % kNanoseconds + kNanoseconds) % kNanoseconds;
  return {(ns / kNanoseconds) - (ns % kNanoseconds < 0 ? 1 : 0), part / 1'000};
}

// Nothing if strftime() makes no text of the format, or one that is too long.
std::optional<std::string> formatted(const char* format, const tm& parts) {
  std::array<char, kLongestTime> text{};
  const std::size_t length = ::strftime(text.data(), text.size(), format, &parts);
  if (length == 0) return std::nullopt;
  return std::string{text.data(), length};
}

std::optional<std::string> local_time(Duration since_epoch, const std::string& format) {
  const Split time = split(since_epoch);
  tm parts{};
  ::localtime_r(&time.seconds, &parts);
  return formatted(format.c_str(), parts);
}

// ISO 8601 with microseconds, in UTC.
std::string iso_time(Duration since_epoch) {
  const Split time = split(since_epoch);
  tm parts{};
  ::gmtime_r(&time.seconds, &parts);
  const std::string fraction = std::to_string(1'000'000 + time.microseconds).substr(1);
  return formatted("%Y-%m-%dT%H:%M:%S", parts).value_or("?") + "." + fraction + "Z";
}

Duration seconds_at(const JsonObject& estimate, std::string_view key) {
  return Duration::from_seconds(estimate.number(key).value_or(0));
}

bool is_usable(const std::string& state) {
  return state == "tentative" || state == "synchronised" || state == "holdover";
}

}  // namespace

Result<std::string> now_line(JsonObject estimate, Timestamp<Realtime> here,
                             const ListenerOptions& options) {
  const std::string state = estimate.string("state").value_or("unknown");
  const std::string reason = estimate.string("reason").value_or("unknown");
  if (!is_usable(state)) {
    return because(Error{"there is no time to trust: " + state + ": " + reason});
  }
  const Duration now = here.since_epoch() + seconds_at(estimate, "offset_s");
  if (options.json) return estimate.add("now", iso_time(now)).add("now_s", now).text();
  if (!options.format) {
    return iso_time(now) + " +-" + seconds_text(seconds_at(estimate, "bound_s")) + ", error " +
           seconds_text(seconds_at(estimate, "error_s")) + "; " + state + ": " + reason;
  }
  const auto text = local_time(now, *options.format);
  if (text) return *text;
  return because(Error{"--format: strftime makes nothing of \"" + *options.format + "\""});
}

int show_now(const ListenerOptions& options) {
  const auto answer = control_request(control_socket_places("timecast-listener", options.socket),
                                      "estimate", kAnswerWithin);
  if (!answer) return fail(answer.error());
  auto estimate = JsonObject::parse(*answer);
  if (!estimate) return fail(Error{"the listener's answer: " + estimate.error().text});
  const auto line = now_line(std::move(*estimate), realtime_now(), options);
  return line ? print(*line + '\n') : fail(line.error());
}

}  // namespace timecast
