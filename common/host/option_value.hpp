// SPDX-License-Identifier: MIT
//
// What may stand behind an option, and where it goes.
//
//     std::uint16_t port = 11'123;
//     OptionValue value = whole_number(port, 1, 65'535);
//     value.take("123");                                     // port is 123
//     value.take("123x").error().text                        // "123x" is no number of 1 to 65535
//     value.limits, value.standard                           // "1 to 65535", "11123"
//     value.said()                                           // {"123"}
//
// Units:   a Duration is said in seconds.
// Errors:  what is wrong with the text; whoever asked for the option puts its name in front.
// Threads: any. A value refers to the variable it was made for, which must live as long.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <timecast/time/duration.hpp>

#include "common/host/error.hpp"

namespace timecast {

// What a value is in a settings file.
enum class JsonForm : std::uint8_t { text, number, number_or_text };

struct OptionValue {
  using Texts = std::vector<std::string>;

  std::function<Result<void>(std::string_view)> take;
  std::string limits;    // what is allowed, for help; may be empty
  std::string standard;  // what holds without the option, for help; may be empty
  JsonForm form = JsonForm::text;
  // What must be taken, one after the other, for the variable to hold what it holds now. Nothing if
  // it holds nothing, or what it does without a word. REQUIRED of options that are settings.
  std::function<Texts()> said{};
};

// For a text that will not do: "TEXT" WHY.
[[nodiscard]] Error unfit(std::string_view text, std::string_view why);

// Decimal digits alone: no sign, space, exponent or prefix.
[[nodiscard]] Result<std::uint64_t> parse_whole_number(std::string_view text, std::uint64_t least,
                                                       std::uint64_t most);
// A finite decimal number.
[[nodiscard]] std::optional<double> parse_decimal(std::string_view text);
// A decimal number. `most` is at most a year.
[[nodiscard]] Result<Duration> parse_seconds(std::string_view text, Duration least, Duration most);
// "0.125": as many digits as it takes and no more.
[[nodiscard]] std::string in_seconds(Duration d);

template <class Integer>
OptionValue whole_number(Integer& out, Integer least = std::numeric_limits<Integer>::min(),
                         Integer most = std::numeric_limits<Integer>::max()) {
  const auto take = [&out, least, most](std::string_view text) -> Result<void> {
    const auto number = parse_whole_number(text, least, most);
    if (!number) return because(number.error());
    out = static_cast<Integer>(*number);
    return {};
  };
  return {take, std::to_string(least) + " to " + std::to_string(most), std::to_string(out),
          JsonForm::number, [&out] { return OptionValue::Texts{std::to_string(out)}; }};
}

[[nodiscard]] OptionValue seconds(Duration& out, Duration least, Duration most);
[[nodiscard]] OptionValue flag(bool& out, bool value = true);
[[nodiscard]] OptionValue text(std::optional<std::string>& out);
[[nodiscard]] OptionValue each_text(std::vector<std::string>& out);

}  // namespace timecast
