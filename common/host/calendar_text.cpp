// SPDX-License-Identifier: MIT
#include "common/host/calendar_text.hpp"

#include <time.h>

#include <array>
#include <optional>

namespace timecast {

namespace {

constexpr std::int64_t kNanosecondsPerSecond = 1'000'000'000;
constexpr std::size_t kLongestText = 4096;

struct Split {
  time_t seconds;
  std::int64_t nanoseconds;  // 0..999'999'999, before 1970 too
};

Split split(Duration since_epoch) {
  std::int64_t seconds = since_epoch.count_ns() / kNanosecondsPerSecond;
  std::int64_t rest = since_epoch.count_ns() % kNanosecondsPerSecond;
  if (rest < 0) {
    rest += kNanosecondsPerSecond;
    --seconds;
  }
  return {seconds, rest};
}

std::optional<std::string> by_strftime(const char* format, const tm& parts) {
  std::array<char, kLongestText> text{};
  const std::size_t length = ::strftime(text.data(), text.size(), format, &parts);
  if (length == 0) return std::nullopt;
  return std::string{text.data(), length};
}

std::string iso(Duration since_epoch, std::size_t digits) {
  const Split at = split(since_epoch);
  tm parts{};
  ::gmtime_r(&at.seconds, &parts);
  const std::string fraction = std::to_string(kNanosecondsPerSecond + at.nanoseconds);
  return by_strftime("%Y-%m-%dT%H:%M:%S.", parts).value_or("") + fraction.substr(1, digits) + 'Z';
}

}  // namespace

std::string iso_text(Duration since_unix_epoch) { return iso(since_unix_epoch, 6); }
std::string long_iso_text(Duration since_unix_epoch) { return iso(since_unix_epoch, 9); }

Result<std::string> strftime_text(Duration since_unix_epoch, const std::string& format) {
  const Split at = split(since_unix_epoch);
  tm parts{};
  ::localtime_r(&at.seconds, &parts);
  const auto text = by_strftime(format.c_str(), parts);
  if (text) return *text;
  return because(Error{"strftime makes nothing of \"" + format + '"'});
}

}  // namespace timecast
