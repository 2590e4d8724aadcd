// SPDX-License-Identifier: MIT
#include "common/host/command_line.hpp"

#include <doctest/doctest.h>

#include "tests/unit/arguments.hpp"
#include "tests/unit/golden.hpp"

using namespace timecast;

namespace {

// What a command line says, and what is left of it here.
struct Said {
  std::string command;
  std::uint16_t port = 7;
  std::string level = "none";
  std::vector<std::string> names;
  std::uint16_t number = 0;
  bool json = false;
};

CommandLine line_for(Said& said) {
  const auto choose = [&said](const char* name) { return [&said, name] { said.command = name; }; };
  const auto take_level = [&said](std::string_view text) -> Result<void> {
    said.level = text;
    return {};
  };
  const Option json{"--json", "", "as JSON", flag(said.json)};
  return {"example",
          "1.2",
          "Shows what a table looks like. Its purpose is long enough for more than one line of "
          "eighty columns.",
          "Exit status: 0 done.",
          {{"run",
            "run it (the default)",
            choose("run"),
            {{"--port", "N", "port to use", whole_number<std::uint16_t>(said.port, 1)},
             {"--level", "[=N]", "with a level", {take_level, {}, {}}},
             {"--name", "NAME", "a name", each_text(said.names), true},
             {"--with-a-very-long-name", "VALUE", "what begins on the line below",
              each_text(said.names)},
             json}},
           {"status", "how it is", choose("status"), {json}},
           {"key show", "the key", choose("key show"), {json}},
           {"key new", "another key", choose("key new"), {}},
           {"key copy",
            "a key to another place",
            choose("key copy"),
            {json},
            Operand{"NUMBER", "which key", whole_number<std::uint16_t>(said.number, 1, 4)}}},
          [&said]() -> Result<void> {
            if (said.port != 13 || !said.json) return {};
            return because(Error{"--port: 13 cannot be had as JSON"});
          }};
}

struct Outcome {
  Said said;
  Expected<void, Farewell> taken;
};

Outcome outcome_of(const std::string& words) {
  Outcome outcome;
  const Arguments arguments{"example " + words};
  outcome.taken = parse(line_for(outcome.said), arguments.count(), arguments.pointers());
  return outcome;
}

std::string refusal_of(const std::string& words) {
  return refusal_in(outcome_of(words).taken, "example");
}

// What is printed instead of a command being run.
std::string farewell_of(const std::string& words) {
  const Outcome outcome = outcome_of(words);
  REQUIRE_FALSE(outcome.taken);
  CHECK(outcome.taken.error().exit_code == 0);
  return outcome.taken.error().text;
}

}  // namespace

TEST_CASE("command line: without a command the first one is meant") {
  CHECK(outcome_of("").said.command == "run");
  CHECK(outcome_of("--json").said.command == "run");
}

TEST_CASE("command line: no arguments at all, not even a program's name, is no command") {
  Said said;
  const char* const nothing[] = {nullptr};
  CHECK(parse(line_for(said), 0, nothing));
  CHECK(said.command == "run");
}

TEST_CASE("command line: words and options mix freely") {
  for (const char* const words :
       {"--port 9 --name a run", "run --port=9 --name=a", "--port=9 run --name a"}) {
    CAPTURE(words);
    const Outcome outcome = outcome_of(words);
    CHECK(outcome.taken);
    CHECK(outcome.said.command == "run");
    CHECK(outcome.said.port == 9);
    CHECK(outcome.said.names == std::vector<std::string>{"a"});
  }
  CHECK(outcome_of("key --json show").said.command == "key show");
  CHECK(outcome_of("key --json show").said.json);
}

TEST_CASE("command line: an operand stands behind the words of its command, options anywhere") {
  for (const char* const words :
       {"key copy 3 --json", "--json key copy 3", "key copy --json 3", "key --json copy 3"}) {
    CAPTURE(words);
    const Outcome outcome = outcome_of(words);
    CHECK(outcome.taken);
    CHECK(outcome.said.command == "key copy");
    CHECK(outcome.said.number == 3);
    CHECK(outcome.said.json);
  }
}

TEST_CASE("command line: an optional value stands behind an equals sign alone") {
  CHECK(outcome_of("").said.level == "none");
  CHECK(outcome_of("--level").said.level == "");
  CHECK(outcome_of("--level=5").said.level == "5");
  CHECK(refusal_of("--level status") == "--level: means nothing to status");
  CHECK(outcome_of("--level run").said.command == "run");
  CHECK(outcome_of("--level run").said.level == "");
}

TEST_CASE("command line: a value may begin with a dash or hold an equals sign") {
  CHECK(outcome_of("--name -x").said.names == std::vector<std::string>{"-x"});
  CHECK(outcome_of("--name a=b").said.names == std::vector<std::string>{"a=b"});
  CHECK(outcome_of("--name=a=b").said.names == std::vector<std::string>{"a=b"});
}

TEST_CASE("command line: a repeatable option is taken each time") {
  CHECK(outcome_of("--name a --name b").said.names == std::vector<std::string>{"a", "b"});
}

TEST_CASE("command line: what is wrong is named, and what to do") {
  struct Row {
    const char* words;
    const char* refusal;
  };
  for (const Row& row : {
           Row{"--prot 9", "there is no option --prot; did you mean --port?"},
           Row{"--bogus", "there is no option --bogus"},
           Row{"-x", "there is no option -x"},
           Row{"--", "there is no option --"},
           Row{"--port", "--port: needs a value, N"},
           Row{"--port=", "--port: needs a value, N"},
           Row{"--port --json", "--port: needs a value, N"},
           Row{"--port 0", "--port: \"0\" is no number of 1 to 65535"},
           Row{"--port -1", "--port: \"-1\" is no number of 1 to 65535"},
           Row{"--port 8 --port 9", "--port: is there twice; leave one out"},
           Row{"--json --json", "--json: is there twice; leave one out"},
           Row{"--json=1", "--json: takes no value"},
           Row{"--help=3", "--help: takes no value"},
           Row{"--version=", "--version: takes no value"},
           Row{"status --port 9", "--port: means nothing to status"},
           Row{"--port 9 status", "--port: means nothing to status"},
           Row{"stauts", "there is no command \"stauts\"; did you mean status?"},
           Row{"foo",
               "there is no command \"foo\"; there are run, status, key show, key new, key copy"},
           Row{"status run",
               "there is no command \"status run\"; there are run, status, key show, key new, key "
               "copy"},
           Row{"key", "key: say key show, key new or key copy"},
           Row{"key cpoy 1", "there is no command \"key cpoy 1\"; did you mean key copy?"},
           Row{"key copy", "key copy: needs NUMBER, which key"},
           Row{"key copy --json", "key copy: needs NUMBER, which key"},
           Row{"key copy 1 2", "key copy: takes one NUMBER alone, not \"1 2\"; leave one out"},
           Row{"key copy 5", "NUMBER: \"5\" is no number of 1 to 4"},
       }) {
    CAPTURE(row.words);
    CHECK(refusal_of(row.words) == row.refusal);
  }
}

TEST_CASE("command line: what options say together is checked last") {
  CHECK(outcome_of("--port 13").taken);
  CHECK(outcome_of("status --json").taken);
  CHECK(refusal_of("--json --port 13") == "--port: 13 cannot be had as JSON");
}

TEST_CASE("command line: help and version come before everything else") {
  for (const char* const words : {"--help", "-h", "--bogus --help", "--port 0 -h"}) {
    CAPTURE(words);
    CHECK(farewell_of(words).starts_with("Usage: example [run] [OPTION]...\n"));
  }
  for (const char* const words : {"--version", "-V", "status --version", "--bogus -V"}) {
    CAPTURE(words);
    CHECK(farewell_of(words) == "example 1.2\n");
  }
}

TEST_CASE("command line: help reads like this") {
  Said said;
  check_golden("example.help.txt", help_text(line_for(said)));
}

TEST_CASE("command line: help behind a command is of that one") {
  const std::string help = farewell_of("key --help");
  CHECK(help.find("key show") != std::string::npos);
  CHECK(help.find("key new") != std::string::npos);
  CHECK(help.find("how it is") == std::string::npos);
  CHECK(help.find("--port") == std::string::npos);
  const std::string of_one = farewell_of("key show --help");
  CHECK(of_one.find("key show") != std::string::npos);
  CHECK(of_one.find("key new") == std::string::npos);
  CHECK(farewell_of("key bogus --help") == help);
}

TEST_CASE("command line: an option and its value stand on one line of the usage") {
  Said said;
  const std::string help = help_text(line_for(said));
  std::istringstream lines{help.substr(0, help.find("\n\n"))};
  for (std::string line; std::getline(lines, line);) {
    CAPTURE(line);
    CHECK(std::count(line.begin(), line.end(), '[') == std::count(line.begin(), line.end(), ']'));
  }
}

TEST_CASE("command line: help is at most 80 columns wide") {
  Said said;
  std::istringstream lines{help_text(line_for(said))};
  for (std::string line; std::getline(lines, line);) {
    CAPTURE(line);
    CHECK(line.size() <= 80);
  }
}
