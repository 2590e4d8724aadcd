// SPDX-License-Identifier: MIT
#include "common/host/option_value.hpp"

#include <charconv>
#include <cmath>

namespace timecast {

namespace {

constexpr std::int64_t kNanoseconds = 1'000'000'000;

Error out_of_range(std::string_view text, const std::string& least, const std::string& most) {
  return unfit(text, "is no number of " + least + " to " + most);
}

// The whole text and nothing else.
template <class Number>
std::optional<Number> number_in(std::string_view text) {
  Number number{};
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || rest != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace

Error unfit(std::string_view text, std::string_view why) {
  return Error{'"' + std::string{text} + "\" " + std::string{why}};
}

Result<std::uint64_t> parse_whole_number(std::string_view text, std::uint64_t least,
                                         std::uint64_t most) {
  const auto number = number_in<std::uint64_t>(text);
  if (number && *number >= least && *number <= most) return *number;
  return because(out_of_range(text, std::to_string(least), std::to_string(most)));
}

std::optional<double> parse_decimal(std::string_view text) {
  const auto number = number_in<double>(text);
  return number && std::isfinite(*number) ? number : std::nullopt;
}

Result<Duration> parse_seconds(std::string_view text, Duration least, Duration most) {
  const auto number = parse_decimal(text);
  // A year of nanoseconds is exact in a double to 4 ns, and nobody means more digits than that.
  if (number && std::fabs(*number) < 1e9) {
    const Duration d = Duration::nanoseconds(std::llround(*number * 1e9));
    if (d >= least && d <= most) return d;
  }
  return because(out_of_range(text, in_seconds(least), in_seconds(most)));
}

std::string in_seconds(Duration d) {
  const std::int64_t ns = magnitude(d).count_ns();
  std::string digits = std::to_string(kNanoseconds + ns % kNanoseconds);
  digits.erase(digits.find_last_not_of('0') + 1);
  std::string text = (d < Duration{} ? "-" : "") + std::to_string(ns / kNanoseconds);
  if (digits.size() > 1) text += '.' + digits.substr(1);
  return text;
}

OptionValue seconds(Duration& out, Duration least, Duration most) {
  const auto take = [&out, least, most](std::string_view text) -> Result<void> {
    const auto parsed = parse_seconds(text, least, most);
    if (!parsed) return because(parsed.error());
    out = *parsed;
    return {};
  };
  return {take, in_seconds(least) + " to " + in_seconds(most), in_seconds(out), JsonForm::number,
          [&out] { return OptionValue::Texts{in_seconds(out)}; }};
}

OptionValue flag(bool& out, bool value) {
  const auto take = [&out, value](std::string_view) -> Result<void> {
    out = value;
    return {};
  };
  const auto said = [&out, value] { return OptionValue::Texts(out == value ? 1 : 0); };
  return {take, {}, {}, JsonForm::text, said};
}

OptionValue text(std::optional<std::string>& out) {
  const auto take = [&out](std::string_view text) -> Result<void> {
    out = text;
    return {};
  };
  const auto said = [&out] { return out ? OptionValue::Texts{*out} : OptionValue::Texts{}; };
  return {take, {}, {}, JsonForm::text, said};
}

OptionValue each_text(std::vector<std::string>& out) {
  const auto take = [&out](std::string_view text) -> Result<void> {
    out.emplace_back(text);
    return {};
  };
  return {take, {}, {}, JsonForm::text, [&out] { return out; }};
}

}  // namespace timecast
