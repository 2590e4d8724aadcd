// SPDX-License-Identifier: MIT
//
// Spans, rates and counts for people: a number of up to four digits and the unit that suits it;
// thousands of seconds are written out.
//
//     seconds_text(Duration::nanoseconds(12'340))         "12.3 us"
//     signed_seconds_text(-Duration::milliseconds(250))   "-250 ms"
//     frequency_text(FrequencyPpb{-12'410})               "-12.410 ppm"
//     counted(2, "alarm")                                 "2 alarms"
#pragma once

#include <cstdint>
#include <string>

#include <timecast/time/frequency.hpp>

namespace timecast {

[[nodiscard]] std::string seconds_text(Duration d);
[[nodiscard]] std::string signed_seconds_text(Duration d);  // with a plus, too
[[nodiscard]] std::string frequency_text(FrequencyPpb f);
[[nodiscard]] std::string counted(std::uint64_t count, const std::string& what);

}  // namespace timecast
