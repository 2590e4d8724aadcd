// SPDX-License-Identifier: MIT
//
// A program's command line with a settings file of a test's own.
//
//     struct Example {
//       static constexpr const char* kName = "timecast-example";
//       static constexpr auto* kParse = parse_example_command_line;
//     };
#pragma once

#include <doctest/doctest.h>

#include <string>

#include "common/host/program.hpp"
#include "tests/unit/arguments.hpp"
#include "tests/unit/host_directory.hpp"

namespace timecast {

template <class Program>
auto parsed_by(const std::string& words) {
  const Arguments arguments{std::string{Program::kName} + ' ' + words};
  return Program::kParse(arguments.count(), arguments.pointers());
}

// With this content of a settings file.
template <class Program>
class FiledFor {
 public:
  explicit FiledFor(const std::string& content) { put_file(path(), content); }
  [[nodiscard]] std::string path() const { return directory_ / "s.json"; }
  [[nodiscard]] auto parsed(const std::string& words) const {
    return parsed_by<Program>("--settings " + path() + ' ' + words);
  }
  [[nodiscard]] auto invocation(const std::string& words = "") const {
    const auto invocation = parsed(words);
    REQUIRE_MESSAGE(invocation, (invocation ? "" : invocation.error().text));
    return *invocation;
  }
  [[nodiscard]] auto options(const std::string& words = "") const {
    return invocation(words).options;
  }
  // What it was refused for, behind "PROGRAM: FILE:".
  [[nodiscard]] std::string refusal() const {
    const auto invocation = parsed("");
    REQUIRE_FALSE(invocation);
    CHECK(invocation.error().exit_code == kExitBadSettings);
    const std::string head = std::string{Program::kName} + ": " + path() + ":";
    REQUIRE(invocation.error().text.starts_with(head));
    return invocation.error().text.substr(head.size());
  }

 private:
  TemporaryDirectory directory_;
};

}  // namespace timecast
