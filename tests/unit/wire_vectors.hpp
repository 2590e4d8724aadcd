// SPDX-License-Identifier: MIT
//
// The packets of tests/vectors.
#pragma once

#include <doctest/doctest.h>

#include <fstream>
#include <string>

#include <timecast/wire/header.hpp>

#include "tests/unit/wire_hex.hpp"

namespace timecast::test {

// The octets of a file: the last word of every line that is no comment.
inline Bytes vector_named(const std::string& name) {
  std::ifstream file{std::string{TIMECAST_VECTORS} + "/" + name + ".txt"};
  Bytes octets;
  std::string line;
  while (std::getline(file, line)) {
    if (line.empty() || line[0] == '#') continue;
    octets = octets + from_hex(line.substr(line.rfind(' ') + 1));
  }
  REQUIRE(octets.size() >= kHeaderOctets);  // the file is there
  return octets;
}

}  // namespace timecast::test
