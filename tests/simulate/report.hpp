// SPDX-License-Identifier: MIT
//
// What is shown of the outcomes: tables beside what others reach, or lines of JSON.
#pragma once

#include "tests/simulate/table.hpp"
#include "tests/simulate/verdict.hpp"

namespace timecast::simulate {

[[nodiscard]] std::vector<Table> tables_of(const std::vector<Outcome>& outcomes);
[[nodiscard]] Table verdict_table(const std::vector<Verdict>& verdicts);
// One object for each scenario and each goal, each on its line.
[[nodiscard]] std::string json_lines(const std::vector<Outcome>& outcomes,
                                     const std::vector<Verdict>& verdicts);

}  // namespace timecast::simulate
