// SPDX-License-Identifier: MIT
#include "listener/daemon/program.hpp"

#include <doctest/doctest.h>

#include "tests/unit/arguments.hpp"
#include "tests/unit/child_output.hpp"
#include "tests/unit/host_directory.hpp"

using namespace timecast;

namespace {

ChildOutput run(const std::string& words) {
  return output_of([&] {
    const Arguments arguments{"timecast-listener " + words};
    return listener_program(arguments.count(), arguments.pointers());
  });
}

}  // namespace

TEST_CASE("listener program: ends with the status of what went wrong") {
  const TemporaryDirectory directory;
  put_file(directory / "keys", "no key\n");
  struct Row {
    std::string words;
    int exit_code;
    std::string complaint;
  };
  const std::string socket = " --socket " + (directory / "control");
  for (const Row& row : {
           Row{"--help", 0, ""},
           Row{"--version", 0, ""},
           Row{"--delay 2", 2, "--delay: \"2\" is no number of 0 to 1; see "},
           Row{"--interface no-such-interface", 1, "there is no interface \"no-such-interface\""},
           Row{"--interface lo --keys " + (directory / "keys"), 3, (directory / "keys") + ":1: "},
           Row{"--interface lo --keys " + (directory / "missing"), 3,
               "cannot read " + (directory / "missing")},
           Row{"now" + socket, 1, "no daemon answers ("},
           Row{"wait --timeout 0" + socket, 1,
               "there is no time to trust within 0 ns: no daemon answers ("},
           Row{"status" + socket, 1, "no daemon answers ("},
       }) {
    CAPTURE(row.words);
    const ChildOutput output = run(row.words);
    CHECK(output.exit_code == row.exit_code);
    CHECK((row.exit_code == 0) == output.err.empty());
    CHECK((row.exit_code == 0) != output.out.empty());
    const std::size_t colon = output.err.find(": ");
    if (colon != std::string::npos) CHECK(output.err.substr(colon + 2).starts_with(row.complaint));
  }
}
