// SPDX-License-Identifier: MIT
#include "common/host/seconds_text.hpp"

#include <doctest/doctest.h>

using namespace timecast;

TEST_CASE("seconds text: four digits and the unit that suits them") {
  struct Row {
    std::int64_t ns;
    const char* text;
  };
  for (const Row& row : {
           Row{0, "0 ns"},
           {1, "1 ns"},
           {999, "999 ns"},
           {1'000, "1 us"},
           {12'340, "12.34 us"},
           {12'346, "12.35 us"},
           {999'940, "999.9 us"},
           {999'960, "1 ms"},
           {1'000'000, "1 ms"},
           {250'000'000, "250 ms"},
           {999'949'999, "999.9 ms"},
           {999'960'000, "1 s"},
           {1'000'000'000, "1 s"},
           {59'123'456'789, "59.12 s"},
           {999'900'000'000, "999.9 s"},
           {1'000'400'000'000, "1000 s"},
           {86'400'000'000'000, "86400 s"},
           {123'456'789'000'000'000, "123456789 s"},
       }) {
    CAPTURE(row.ns);
    CHECK(seconds_text(Duration::nanoseconds(row.ns)) == row.text);
    if (row.ns == 0) continue;
    CHECK(seconds_text(Duration::nanoseconds(-row.ns)) == '-' + std::string{row.text});
    CHECK(signed_seconds_text(Duration::nanoseconds(row.ns)) == '+' + std::string{row.text});
    CHECK(signed_seconds_text(Duration::nanoseconds(-row.ns)) == '-' + std::string{row.text});
  }
}

TEST_CASE("seconds text: zero is signed with a plus") {
  CHECK(signed_seconds_text(Duration{}) == "+0 ns");
}

TEST_CASE("seconds text: the longest spans are whole seconds") {
  CHECK(seconds_text(Duration::max()) == "9223372037 s");
  CHECK(seconds_text(Duration::min()) == "-9223372037 s");
}

TEST_CASE("frequency text: parts per million with their sign, to a part per billion") {
  CHECK(frequency_text(FrequencyPpb{-12'410}) == "-12.410 ppm");
  CHECK(frequency_text(FrequencyPpb{0}) == "+0.000 ppm");
  CHECK(frequency_text(FrequencyPpb{500'000.4}) == "+500.000 ppm");
}
