// SPDX-License-Identifier: MIT
//
// What somebody meant who wrote a name that there is not.
//
// Threads: any; a pure function.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace timecast {

// "; did you mean --port?", or nothing if no name is near: two letters at most, a third of them.
[[nodiscard]] std::string suggestion(std::string_view word,
                                     const std::vector<std::string_view>& names);

}  // namespace timecast
