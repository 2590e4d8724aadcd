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

std::string last_line(const std::string& text) {
  return text.substr(text.find_last_of('\n', text.size() - 2) + 1);
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
  const std::string no_interface = directory / "interface.json";
  put_file(no_interface, R"({"interface": ["no-such-interface"]})");
  const std::string no_keys = directory / "keys.json";
  put_file(no_keys, R"({"interface": ["lo"], "keys": ")" + (directory / "missing") + "\"}");
  const std::string socket = " --socket " + (directory / "control");
  for (const Row& row : {
           Row{"--help", 0, ""},
           Row{"--version", 0, ""},
           Row{"--delay 2", 2, "--delay: \"2\" is no number of 0 to 1; see "},
           Row{"--interface no-such-interface", 1,
               "--interface: there is no interface \"no-such-interface\""},
           Row{"watch --interface no-such-interface", 1,
               "--interface: there is no interface \"no-such-interface\""},
           Row{"--settings " + no_interface, 1,
               no_interface + ": interface: there is no interface \"no-such-interface\""},
           Row{"--interface none --settings " + no_interface, 1,
               "--interface: there is no interface \"none\""},
           Row{"--settings " + no_keys, 3,
               no_keys + ": keys: cannot read " + (directory / "missing")},
           Row{"--keys / --settings " + no_keys, 3, "--keys: cannot read /: is a directory"},
           Row{"--interface lo --keys " + (directory / "keys"), 3, (directory / "keys") + ":1: "},
           Row{"--interface lo --keys " + (directory / "missing"), 3,
               "--keys: cannot read " + (directory / "missing")},
           Row{"now" + socket, 1, "no daemon answers ("},
           Row{"wait --timeout 0" + socket, 1,
               "there is no time to trust now: no daemon answers ("},
           Row{"status" + socket, 1, "no daemon answers ("},
       }) {
    CAPTURE(row.words);
    const ChildOutput output = run(row.words);
    CHECK(output.exit_code == row.exit_code);
    CHECK((row.exit_code == 0) == output.err.empty());
    CHECK((row.exit_code == 0) != output.out.empty());
    if (output.err.empty()) continue;
    // Of the last line; before it the file is named that settings are from.
    const std::string line = last_line(output.err);
    CHECK(line.substr(line.find(": ") + 2).starts_with(row.complaint));
  }
}
