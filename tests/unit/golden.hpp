// SPDX-License-Identifier: MIT
//
// Texts that people read, kept whole, so that a change of them is seen in review.
//
// TIMECAST_UPDATE_GOLDEN=1 build/dev/bin/timecast-unit-tests writes them anew.
#pragma once

#include <doctest/doctest.h>

#include <cstdlib>
#include <fstream>
#include <string>

#include "tests/unit/host_directory.hpp"

namespace timecast {

// Whether the text is the content of tests/unit/golden/NAME.
inline void check_golden(const std::string& name, const std::string& text) {
  const std::string path = std::string{TIMECAST_GOLDEN} + '/' + name;
  if (std::getenv("TIMECAST_UPDATE_GOLDEN") != nullptr) std::ofstream{path} << text;
  INFO("if the change of " << path << " is meant: TIMECAST_UPDATE_GOLDEN=1 this-test");
  CHECK(text == file_content(path));
}

}  // namespace timecast
