// SPDX-License-Identifier: MIT
#include "common/host/option_value.hpp"

#include <doctest/doctest.h>

using namespace timecast;

TEST_CASE("option value: a whole number is decimal digits within its limits") {
  struct Row {
    const char* text;
    std::uint64_t number;
  };
  for (const Row& row : {Row{"1", 1}, {"007", 7}, {"65535", 65'535}}) {
    CAPTURE(row.text);
    const auto parsed = parse_whole_number(row.text, 1, 65'535);
    REQUIRE(parsed);
    CHECK(*parsed == row.number);
  }
  for (const char* const text : {"", "0", "65536", "-1", "+1", " 1", "1 ", "1.0", "1e3", "0x10",
                                 "one", "18446744073709551616"}) {
    CAPTURE(text);
    const auto parsed = parse_whole_number(text, 1, 65'535);
    REQUIRE_FALSE(parsed);
    CHECK(parsed.error().text == '"' + std::string{text} + "\" is no number of 1 to 65535");
  }
}

TEST_CASE("option value: the largest whole number is taken") {
  CHECK(*parse_whole_number("18446744073709551615", 0, UINT64_MAX) == UINT64_MAX);
}

TEST_CASE("option value: seconds become the nearest nanosecond") {
  struct Row {
    const char* text;
    std::int64_t ns;
  };
  for (const Row& row : {Row{"0", 0},
                         {"0.125", 125'000'000},
                         {"0.3", 300'000'000},
                         {".5", 500'000'000},
                         {"1e-3", 1'000'000},
                         {"1024", 1'024'000'000'000},
                         {"1e-9", 1},
                         {"4e-10", 0},
                         {"-0", 0}}) {
    CAPTURE(row.text);
    const auto parsed = parse_seconds(row.text, Duration{}, Duration::seconds(1024));
    REQUIRE(parsed);
    CHECK(parsed->count_ns() == row.ns);
  }
}

TEST_CASE("option value: what is no number of seconds within the limits is refused") {
  for (const char* const text : {"", "nan", "inf", "-inf", "0.1249", "1024.1", "-1", "1e300",
                                 "1e999", "1 s", "0x1p3", "1,5"}) {
    CAPTURE(text);
    const auto parsed = parse_seconds(text, Duration::milliseconds(125), Duration::seconds(1024));
    REQUIRE_FALSE(parsed);
    CHECK(parsed.error().text == '"' + std::string{text} + "\" is no number of 0.125 to 1024");
  }
}

TEST_CASE("option value: a decimal number is finite") {
  CHECK(parse_decimal("-2.5e3") == -2500.0);
  for (const char* const text : {"nan", "NAN", "inf", "-infinity", "1e999", "", "1x"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_decimal(text));
  }
}

TEST_CASE("option value: seconds are written with the digits they have") {
  CHECK(in_seconds(Duration{}) == "0");
  CHECK(in_seconds(Duration::seconds(3600)) == "3600");
  CHECK(in_seconds(Duration::microseconds(1)) == "0.000001");
  CHECK(in_seconds(Duration::milliseconds(-1500)) == "-1.5");
  CHECK(in_seconds(Duration::max()) == "9223372036.854775807");
}

TEST_CASE("option value: it knows its limits and what holds without it") {
  std::uint16_t port = 11'123;
  const OptionValue value = whole_number<std::uint16_t>(port, 1);
  CHECK(value.limits == "1 to 65535");
  CHECK(value.standard == "11123");
  Duration wait = Duration::milliseconds(1500);
  const OptionValue span = seconds(wait, Duration{}, Duration::seconds(2));
  CHECK(span.limits == "0 to 2");
  CHECK(span.standard == "1.5");
}

TEST_CASE("option value: a text that is refused changes nothing") {
  std::uint16_t port = 11'123;
  Duration wait = Duration::seconds(1);
  CHECK_FALSE(whole_number<std::uint16_t>(port, 1).take("0"));
  CHECK_FALSE(seconds(wait, Duration{}, Duration::seconds(2)).take("3"));
  CHECK(port == 11'123);
  CHECK(wait == Duration::seconds(1));
}

TEST_CASE("option value: flags, texts and lists of texts") {
  bool on = false;
  bool off = true;
  std::optional<std::string> one;
  std::vector<std::string> several;
  CHECK(flag(on).take(""));
  CHECK(flag(off, false).take(""));
  CHECK(text(one).take("a b"));
  CHECK(each_text(several).take("x"));
  CHECK(each_text(several).take("y"));
  CHECK(on);
  CHECK_FALSE(off);
  CHECK(one == "a b");
  CHECK(several == std::vector<std::string>{"x", "y"});
}

TEST_CASE("option value: says what its variable holds, so that another takes the same") {
  std::uint16_t port = 7;
  Duration pause = Duration::milliseconds(1'250);
  bool loud = false;
  bool plain = true;
  std::optional<std::string> file;
  std::vector<std::string> names;
  using Texts = OptionValue::Texts;
  CHECK(whole_number(port).said() == Texts{"7"});
  CHECK(seconds(pause, Duration{}, Duration::seconds(9)).said() == Texts{"1.25"});
  CHECK(flag(loud).said().empty());
  CHECK(flag(plain, false).said().empty());
  CHECK(text(file).said().empty());
  CHECK(each_text(names).said().empty());
  const OptionValue value = text(file);
  loud = true;
  plain = false;
  file = "f";
  names = {"a", "b"};
  CHECK(flag(loud).said() == Texts{""});
  CHECK(flag(plain, false).said() == Texts{""});
  CHECK(value.said() == Texts{"f"});
  CHECK(each_text(names).said() == names);
}
