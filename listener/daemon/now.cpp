// SPDX-License-Identifier: MIT
#include "listener/daemon/now.hpp"

#include <time.h>

#include <array>

#include "common/host/control_socket.hpp"
#include "common/host/host_clock.hpp"
#include "common/host/json_object.hpp"
#include "common/host/program.hpp"
#include "common/host/seconds_text.hpp"
#include "common/host/standard_output.hpp"

namespace timecast {

namespace {

constexpr Duration kAnswerWithin = Duration::seconds(5);
constexpr std::size_t kLongestTime = 4096;

// Nothing if strftime() knows no such format or its text is too long.
std::optional<std::string> formatted(const char* format, const tm& parts) {
  std::array<char, kLongestTime> text{};
  if (format[0] == '\0') return std::string{};
  const std::size_t length = ::strftime(text.data(), text.size(), format, &parts);
  if (length == 0) return std::nullopt;
  return std::string{text.data(), length};
}

std::optional<std::string> local_time(Duration since_epoch, const std::string& format) {
  const time_t seconds = since_epoch.count_ns() / 1'000'000'000;
  tm parts{};
  ::localtime_r(&seconds, &parts);
  return formatted(format.c_str(), parts);
}

// ISO 8601 with microseconds, in UTC.
std::string iso_time(Duration since_epoch) {
  const time_t seconds = since_epoch.count_ns() / 1'000'000'000;
  const auto microseconds = (since_epoch.count_ns() % 1'000'000'000) / 1'000;
  tm parts{};
  ::gmtime_r(&seconds, &parts);
  const std::string fraction = std::to_string(1'000'000 + microseconds).substr(1);
  return *formatted("%Y-%m-%dT%H:%M:%S", parts) + "." + fraction + "Z";
}

Duration seconds_at(const JsonObject& estimate, std::string_view key) {
  return Duration::from_seconds(estimate.number(key).value_or(0));
}

Result<JsonObject> ask_listener(const GivenPlace& socket) {
  const auto answer = control_request(control_socket_places("timecast-listener", socket),
                                      "estimate", kAnswerWithin);
  if (!answer) return because(answer.error());
  auto estimate = JsonObject::parse(*answer);
  if (!estimate) return because(Error{"the listener's answer: " + estimate.error().text});
  return estimate;
}

bool is_usable(const std::string& state) {
  return state == "tentative" || state == "synchronised" || state == "holdover";
}

}  // namespace

int show_now(const ListenerOptions& options) {
  auto estimate = ask_listener(options.socket);
  if (!estimate) return fail(estimate.error());
  const std::string state = estimate->string("state").value_or("unknown");
  const std::string reason = estimate->string("reason").value_or("unknown");
  if (!is_usable(state)) return fail(Error{"there is no time to trust: " + state + ": " + reason});

  const Duration bound = seconds_at(*estimate, "bound_s");
  const Duration now = realtime_now().since_epoch() + seconds_at(*estimate, "offset_s");
  std::string line = iso_time(now) + " +-" + seconds_text(bound) + ", error " +
                     seconds_text(seconds_at(*estimate, "error_s")) + "; " + state + ": " + reason;
  if (options.json) {
    line = estimate->add("now", iso_time(now)).add("now_s", now).text();
  } else if (options.format) {
    const auto text = local_time(now, *options.format);
    if (!text)
      return fail(Error{"--format: strftime makes nothing of \"" + *options.format + "\""});
    line = *text;
  }
  return print_line(line) ? 0 : kExitFailed;
}

}  // namespace timecast
