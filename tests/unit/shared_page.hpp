// SPDX-License-Identifier: MIT
//
// Values of a shared page, for tests.
#pragma once

#include <cstring>

#include "listener/now/page.hpp"

namespace timecast {

inline bool same_values(const PageValues& a, const PageValues& b) {
  return std::memcmp(&a, &b, sizeof a) == 0;
}

// Each word of it says which write it is of.
inline PageValues all_of(std::int64_t number) {
  const auto word = static_cast<std::uint32_t>(number);
  const PageGrowth growth{number, number, number, number, number};
  return {number,
          number,
          number,
          number,
          number,
          number,
          word,
          word,
          word,
          word,
          {growth, growth, growth, growth}};
}

inline constexpr std::int64_t kSecondNs = 1'000'000'000;

// A daemon that is synchronised: error 1 ms and growing by 1 us/s, then 2, 4 and 8; the bound ten
// times that. Its announcer is 50 ppm faster. Valid for an hour.
inline PageValues synchronised_page() {
  constexpr std::int64_t kMillisecond = 1'000'000;
  constexpr std::int64_t kMicrosecond = 1'000;
  constexpr std::int64_t kPpm = 1'000'000;
  PageValues v{};
  v.raw_ns = 4'000 * kSecondNs;
  v.boot_ns = 5'000 * kSecondNs;
  v.utc_ns = 1'800'000'000 * kSecondNs;
  v.rate_ppt = 50 * kPpm;
  v.valid_until_ns = v.boot_ns + 3'600 * kSecondNs;
  v.started_ns = 4'900 * kSecondNs;
  v.state = 2;   // synchronised
  v.reason = 7;  // agreeing
  v.leap = 0;
  v.lateness_bounded = 1;
  v.growth[0] = {0, kMillisecond, 10 * kMillisecond, kPpm, 10 * kPpm};
  v.growth[1] = {2 * kSecondNs, kMillisecond + 2 * kMicrosecond,
                 10 * kMillisecond + 20 * kMicrosecond, 2 * kPpm, 20 * kPpm};
  v.growth[2] = {30 * kSecondNs, kMillisecond + 58 * kMicrosecond,
                 10 * kMillisecond + 580 * kMicrosecond, 4 * kPpm, 40 * kPpm};
  v.growth[3] = {600 * kSecondNs, kMillisecond + 2'338 * kMicrosecond,
                 10 * kMillisecond + 23'380 * kMicrosecond, 8 * kPpm, 80 * kPpm};
  return v;
}

}  // namespace timecast
