// SPDX-License-Identifier: MIT
#include <cmath>
#include <limits>

#include <doctest/doctest.h>
#include <timecast/time/frequency.hpp>

namespace timecast {
namespace {

TEST_CASE("a frequency is a number of parts per billion, or a ratio") {
  CHECK(FrequencyPpb{}.count_ppb() == 0.0);
  CHECK(FrequencyPpb{-12.5}.count_ppb() == -12.5);
  CHECK(FrequencyPpb::from_ratio(20e-6).count_ppb() == doctest::Approx(20'000.0));
  CHECK(FrequencyPpb{20'000.0}.to_ratio() == doctest::Approx(20e-6));
}

TEST_CASE("a frequency adds up over a span") {
  constexpr Duration kDay = Duration::seconds(86'400);
  CHECK(FrequencyPpb{1'000.0}.over(Duration::seconds(1)) == Duration::microseconds(1));
  CHECK(FrequencyPpb{-1'000.0}.over(Duration::seconds(1)) == -Duration::microseconds(1));
  CHECK(FrequencyPpb{1'000.0}.over(-Duration::seconds(1)) == -Duration::microseconds(1));
  CHECK(FrequencyPpb{1.0}.over(kDay) == Duration::nanoseconds(86'400));
  CHECK(FrequencyPpb{15'000.0}.over(kDay) == Duration::milliseconds(1'296));
  CHECK(FrequencyPpb{}.over(Duration::max()) == Duration{});
}

TEST_CASE("what a frequency adds up to saturates") {
  CHECK(FrequencyPpb{4e9}.over(Duration::max()) == Duration::max());
  CHECK(FrequencyPpb{4e9}.over(Duration::min()) == Duration::min());
  CHECK(FrequencyPpb{-4e9}.over(Duration::max()) == Duration::min());
  CHECK(FrequencyPpb{std::numeric_limits<double>::infinity()}.over(Duration::seconds(1)) ==
        Duration::max());
  CHECK(FrequencyPpb{std::numeric_limits<double>::quiet_NaN()}.over(Duration::seconds(1)) ==
        Duration{});
}

TEST_CASE("a frequency is clamped on both sides and otherwise left alone") {
  constexpr FrequencyPpb kLimit{500'000.0};
  CHECK(FrequencyPpb{500'001.0}.clamped(kLimit) == kLimit);
  CHECK(FrequencyPpb{-500'001.0}.clamped(kLimit) == FrequencyPpb{-500'000.0});
  CHECK(FrequencyPpb{500'000.0}.clamped(kLimit) == kLimit);
  CHECK(FrequencyPpb{-500'000.0}.clamped(kLimit) == FrequencyPpb{-500'000.0});
  CHECK(FrequencyPpb{-3.0}.clamped(kLimit) == FrequencyPpb{-3.0});
  CHECK(FrequencyPpb{3.0}.clamped(FrequencyPpb{}) == FrequencyPpb{});
  CHECK(FrequencyPpb{std::numeric_limits<double>::infinity()}.clamped(kLimit) == kLimit);
}

TEST_CASE("frequencies are added, subtracted and ordered") {
  CHECK(FrequencyPpb{3.0} + FrequencyPpb{-5.0} == FrequencyPpb{-2.0});
  CHECK(FrequencyPpb{3.0} - FrequencyPpb{-5.0} == FrequencyPpb{8.0});
  CHECK(FrequencyPpb{-5.0} < FrequencyPpb{3.0});
  static_assert(FrequencyPpb{1.0} + FrequencyPpb{1.0} == FrequencyPpb{2.0});
}

}  // namespace
}  // namespace timecast
