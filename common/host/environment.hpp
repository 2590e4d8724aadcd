// SPDX-License-Identifier: MIT
//
// The variables that this program was started with.
//
// Threads: any, as long as nobody changes the environment.
#pragma once

#include <cstdlib>
#include <optional>
#include <string>

namespace timecast {

// A variable that is set and not empty.
[[nodiscard]] inline std::optional<std::string> environment(const char* name) {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): no thread of ours changes the environment
  const char* const value = std::getenv(name);
  if (value == nullptr || *value == '\0') return std::nullopt;
  return value;
}

}  // namespace timecast
