// SPDX-License-Identifier: MIT
#include "common/host/calendar_text.hpp"

#include <doctest/doctest.h>

using namespace timecast;

TEST_CASE("calendar: an instant is ISO 8601 in UTC, with all digits of its fraction") {
  const Duration t = Duration::seconds(1'793'491'200);
  CHECK(iso_text(t) == "2026-11-01T00:00:00.000000Z");
  CHECK(iso_text(t + Duration::nanoseconds(1'999)) == "2026-11-01T00:00:00.000001Z");
  CHECK(long_iso_text(t + Duration::nanoseconds(7)) == "2026-11-01T00:00:00.000000007Z");
  CHECK(long_iso_text(-Duration::nanoseconds(1)) == "1969-12-31T23:59:59.999999999Z");
  CHECK(iso_text(Duration::seconds(4'102'444'800)) == "2100-01-01T00:00:00.000000Z");
}

TEST_CASE("calendar: a format is strftime's; one that it makes nothing of is an error") {
  const Duration t = Duration::seconds(1'793'491'200);
  CHECK(strftime_text(t, "%s").value() == "1793491200");
  CHECK(strftime_text(t, "plain").value() == "plain");
  for (const std::string& format : {std::string{}, std::string(5'000, 'x')}) {
    const auto text = strftime_text(t, format);
    REQUIRE_FALSE(text);
    CHECK(text.error().text == "strftime makes nothing of \"" + format + '"');
  }
}
