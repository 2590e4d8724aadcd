// SPDX-License-Identifier: MIT
#include "common/host/status_table.hpp"

#include <doctest/doctest.h>

using namespace timecast;

TEST_CASE("status table: texts stand in one column, whatever is left of them") {
  StatusTable table;
  table.row("state", "good");
  table.row("", "unnamed");
  table.row("ten-octets", "still aligned");
  table.row("much-longer-name", "one space");
  CHECK(table.text() ==
        "state      good\n"
        "           unnamed\n"
        "ten-octets still aligned\n"
        "much-longer-name one space\n");
}

TEST_CASE("status table: only the reasons that occurred are refusals") {
  RejectCounters rejected;
  rejected.count(Reject::replayed);
  rejected.count(Reject::too_short);
  rejected.count(Reject::too_short);
  StatusTable table;
  table.refusals(rejected);
  CHECK(table.text() ==
        "refused    2 too_short\n"
        "refused    1 replayed\n");
  CHECK(refusals_object(rejected).text() == R"({"too_short":2,"replayed":1})");
  CHECK(refusals_object({}).text() == "{}");
}
