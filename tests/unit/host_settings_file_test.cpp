// SPDX-License-Identifier: MIT
#include "common/host/settings_file.hpp"

#include <doctest/doctest.h>

#include "tests/unit/arguments.hpp"
#include "tests/unit/child_output.hpp"
#include "tests/unit/golden.hpp"

using namespace timecast;

namespace {

// What a command line and a settings file say together.
struct Said {
  std::string command;
  std::optional<std::string> settings;
  std::uint16_t port = 7;
  std::optional<std::string> level;  // empty: without a number
  std::vector<std::string> names;
  std::string rate = "1";
  Duration pause = Duration::seconds(1);
  bool loud = false;
  std::optional<std::string> socket;
  bool json = false;
};

OptionValue level(Said& said) {
  const auto take = [&said](std::string_view text) -> Result<void> {
    said.level = text;
    return {};
  };
  const auto texts = [&said] {
    return said.level ? OptionValue::Texts{*said.level} : OptionValue::Texts{};
  };
  return {take, {}, {}, JsonForm::number, texts};
}

OptionValue rate(Said& said) {
  const auto take = [&said](std::string_view text) -> Result<void> {
    if (text != "off" && !parse_decimal(text)) return because(unfit(text, "is neither"));
    said.rate = text;
    return {};
  };
  return {take, "a rate, or off", "1", JsonForm::number_or_text,
          [&said] { return OptionValue::Texts{said.rate}; }};
}

std::vector<Option> run_options(Said& said) {
  const OptionValue file = text(said.settings);
  return {
      {kSettingsOption, "FILE", "read settings from here", file, false, InFile::never},
      {"--port", "N", "port to use", whole_number<std::uint16_t>(said.port, 1)},
      {"--level", "[=N]", "with a level", level(said)},
      {"--name", "NAME", "a name, with as many words of help as make two lines of it",
       each_text(said.names), true},
      {"--rate", "RATE", "how often", rate(said)},
      {"--pause", "S", "seconds between", seconds(said.pause, Duration{}, Duration::seconds(9))},
      {"--loud", "", "say more", flag(said.loud)},
      {"--socket", "PATH", "where to be asked", text(said.socket), false, InFile::at_start},
      {"--json", "", "as JSON", flag(said.json), false, InFile::never},
  };
}

CommandLine line_for(Said& said, const std::string& standard) {
  const auto choose = [&said](const char* name) { return [&said, name] { said.command = name; }; };
  const std::vector<Option> options = run_options(said);
  const std::vector<Option> of_status{options[0], options[7], options[8]};
  const Option format{"--format", "TEXT", "how", text(said.level)};
  return {"example",
          "1.2",
          "Shows settings.",
          "",
          {{"run", "run it (the default)", choose("run"), options},
           {"status", "how it is", choose("status"), of_status},
           {"ask", "without settings", choose("ask"), {format, options[8]}},
           {"print-settings", "the settings", choose("print-settings"), options}},
          [&said]() -> Result<void> {
            if (said.level && said.json) return because(Error{"--format: contradicts --json"});
            if (said.port != 13 || !said.loud) return {};
            return because(Error{"--port: 13 cannot be had --loud"});
          },
          standard};
}

struct Outcome {
  Said said;
  Expected<void, Farewell> taken;
};

class Files {
 public:
  explicit Files(const std::string& content) { put_file(standard(), content); }
  Files() = default;
  [[nodiscard]] std::string standard() const { return directory_ / "example.json"; }
  [[nodiscard]] std::string other(const std::string& content) const {
    put_file(directory_ / "other.json", content);
    return directory_ / "other.json";
  }
  [[nodiscard]] const TemporaryDirectory& directory() const { return directory_; }

  [[nodiscard]] Outcome outcome_of(const std::string& words) const {
    Outcome outcome;
    const Arguments arguments{"example " + words};
    outcome.taken =
        parse(line_for(outcome.said, standard()), arguments.count(), arguments.pointers());
    return outcome;
  }
  [[nodiscard]] Said said(const std::string& words) const {
    const Outcome outcome = outcome_of(words);
    REQUIRE_MESSAGE(outcome.taken, words);
    return outcome.said;
  }
  // What a settings file was refused for, without the program's and the directory's name.
  [[nodiscard]] std::string refusal_of(const std::string& words) const {
    const Outcome outcome = outcome_of(words);
    REQUIRE_FALSE(outcome.taken);
    CHECK(outcome.taken.error().exit_code == kExitBadSettings);
    std::string text = outcome.taken.error().text;
    REQUIRE(text.starts_with("example: "));
    REQUIRE(text.ends_with("\n"));
    text = text.substr(9, text.size() - 10);
    const std::string place = directory_.path() + '/';
    for (std::size_t at = text.find(place); at != std::string::npos; at = text.find(place)) {
      text.erase(at, place.size());
    }
    return text;
  }

 private:
  TemporaryDirectory directory_;
};

}  // namespace

TEST_CASE("settings file: says what the command line can say") {
  const Said said =
      Files{
          R"({"port": 9, "level": 5, "name": ["a", "b"], "rate": "off", "pause": 0.25, "loud": true,
          "socket": "/s"})"}
          .said("");
  CHECK(said.port == 9);
  CHECK(said.level == "5");
  CHECK(said.names == std::vector<std::string>{"a", "b"});
  CHECK(said.rate == "off");
  CHECK(said.pause == Duration::milliseconds(250));
  CHECK(said.loud);
  CHECK(said.socket == "/s");
}

TEST_CASE("settings file: an optional value is a value, true or false") {
  CHECK(Files{R"({"level": true})"}.said("").level == "");
  CHECK_FALSE(Files{R"({"level": false})"}.said("").level);
  CHECK_FALSE(Files{R"({"loud": false})"}.said("").loud);
  CHECK(Files{R"({"rate": 2.5})"}.said("").rate == "2.5");
}

TEST_CASE("settings file: the standard one may be missing") {
  const Files files;
  CHECK(files.said("").port == 7);
  CHECK_FALSE(files.said("").settings);
}

TEST_CASE("settings file: the program knows which one was read") {
  const Files files{"{}"};
  CHECK(files.said("").settings == files.standard());
  const std::string other = files.other("{}");
  CHECK(files.said("--settings " + other).settings == other);
}

TEST_CASE("settings file: one that is named is read instead of the standard one") {
  const Files files{R"({"port": 9, "loud": true})"};
  const Said said = files.said("--settings " + files.other(R"({"port": 8})"));
  CHECK(said.port == 8);
  CHECK_FALSE(said.loud);
}

TEST_CASE("settings file: the command line replaces what the file says of an option") {
  const Files files{R"({"port": 9, "name": ["a", "b"], "pause": 2})"};
  const Said said = files.said("--port 8 --name c");
  CHECK(said.port == 8);
  CHECK(said.names == std::vector<std::string>{"c"});
  CHECK(said.pause == Duration::seconds(2));
}

TEST_CASE("settings file: commands that ask the daemon learn from it where") {
  const Files files{R"({"port": 9, "socket": "/s"})"};
  CHECK(files.said("status").socket == "/s");
  CHECK(files.said("status").port == 7);
  CHECK(files.said("status --socket /t").socket == "/t");
  CHECK_FALSE(files.said("ask").socket);
}

TEST_CASE("settings file: a bad standard file keeps nobody from asking the daemon") {
  const Files files{R"({"prot": 9})"};
  const ChildOutput output = output_of([&] { return files.outcome_of("status").taken ? 0 : 1; });
  CHECK(output.exit_code == 0);
  CHECK(output.err.find("example.json:1: prot: there is no such setting; did you mean port?; going "
                        "on without it\n") != std::string::npos);
  CHECK(files.refusal_of("status --settings " + files.standard()) ==
        "example.json:1: prot: there is no such setting; did you mean port?");
  CHECK(files.outcome_of("status --socket /t").taken);
  CHECK(files.outcome_of("ask").taken);
}

TEST_CASE("settings file: what is wrong is named with its line, and what to do") {
  struct Row {
    const char* text;
    const char* refusal;
  };
  for (const Row& row : {
           Row{"{\n\"prot\": 9}", "2: prot: there is no such setting; did you mean port?"},
           Row{"{\"--port\": 9}", "1: --port: there is no such setting; did you mean port?"},
           Row{"{\"bogus\": 9}",
               "1: bogus: there is no such setting; `example print-settings` shows those there "
               "are"},
           Row{"{\"\": 9}",
               "1: : there is no such setting; `example print-settings` shows those there are"},
           Row{"{\"json\": true}", "1: json: is no setting; say it on the command line, --json"},
           Row{"{\"settings\": \"a\"}",
               "1: settings: is no setting; say it on the command line, --settings"},
           Row{"{\n\"port\": 0}", "2: port: \"0\" is no number of 1 to 65535"},
           Row{"{\n\"port\":\n1.5}", "3: port: \"1.5\" is no number of 1 to 65535"},
           Row{"{\"port\": \"9\"}", "1: port: is a text and should be a number, 1 to 65535"},
           Row{"{\"port\": [9]}", "1: port: is a list and should be a number, 1 to 65535"},
           Row{"{\"port\": true}", "1: port: is true or false and should be a number, 1 to 65535"},
           Row{"{\"pause\": 9.1}", "1: pause: \"9.1\" is no number of 0 to 9"},
           Row{"{\"loud\": 1}", "1: loud: is a number and should be true or false"},
           Row{"{\"loud\": \"yes\"}", "1: loud: is a text and should be true or false"},
           Row{"{\"level\": \"5\"}", "1: level: is a text and should be true, false or a number"},
           Row{"{\"rate\": false}",
               "1: rate: is true or false and should be a number or a text, a rate, or off"},
           Row{"{\"rate\": \"on\"}", "1: rate: \"on\" is neither"},
           Row{"{\"name\": \"a\"}",
               "1: name: is a text and should be a list, [ ], even of one, each a text"},
           Row{"{\"name\": [\n\"a\",\n5]}",
               "3: name: is a number and should be a list, [ ], even of one, each a text"},
           Row{"{\"name\": [\"\"]}",
               "1: name: is empty and should be a list, [ ], even of one, each a text"},
           Row{"{\"socket\": \"a\\u0000b\"}",
               "1: socket: is a text with a zero and should be a text"},
           Row{"{\n\"port\": 13,\n\"loud\": true}", "2: port: 13 cannot be had --loud"},
           Row{"{\"port\": 9,\n\"port\": 9}", "2: port: is in line 1 already; leave one out"},
           Row{"{\"port\": 9,\n}",
               "2: column 1: unexpected '}'; expected string literal; no comma stands behind the "
               "last"},
       }) {
    CAPTURE(row.text);
    CHECK(Files{row.text}.refusal_of("") == "example.json:" + std::string{row.refusal});
  }
}

TEST_CASE("settings file: one that cannot be read is named, and the way out") {
  const std::string way_out =
      "; name another with --settings, or make one by `example print-settings`";
  const Files files;
  CHECK(files.refusal_of("--settings " + (files.directory() / "none")) ==
        "cannot read none: no such file or directory" + way_out);
  CHECK(files.refusal_of("--settings " + files.directory().path() + "/.") ==
        "cannot read .: is a directory" + way_out);
  CHECK(files.refusal_of("--settings " + files.other(std::string(1U << 20U, ' ') + "{}")) ==
        "cannot read other.json: it is longer than 1048576 octets" + way_out);
  for (const char* const blank : {"", " \n\t\r\n"}) {
    CHECK(files.refusal_of("--settings " + files.other(blank)) ==
          "other.json: is empty; write {} for no settings, or what `example print-settings` "
          "prints");
  }
  std::filesystem::create_directory(files.standard());
  CHECK(files.refusal_of("") == "cannot read example.json: is a directory" + way_out);
}

TEST_CASE("settings file: a fault of the command line is not the file's") {
  const Files files{R"({"loud": true})"};
  CHECK(refusal_in(files.outcome_of("--port 13").taken, "example") ==
        "--port: 13 cannot be had --loud (" + files.standard() + " counts too)");
  CHECK(refusal_in(files.outcome_of("ask --json --format x").taken, "example") ==
        "--format: contradicts --json");
  CHECK(Files{R"({"port": 13})"}.refusal_of("--loud --socket /s") ==
        "example.json:1: port: 13 cannot be had --loud");
  const Files empty{"{}"};
  CHECK(refusal_in(empty.outcome_of("--loud --port 13").taken, "example") ==
        "--port: 13 cannot be had --loud");
}

TEST_CASE("settings file: what the command line repairs is no fault") {
  CHECK(Files{R"({"port": 13, "loud": true})"}.said("--port 9").port == 9);
}

TEST_CASE("settings file: is read anew by who parses again") {
  const Files files{R"({"port": 9})"};
  const Arguments arguments{"example --pause 2"};
  const auto again = [&](Said& said) {
    return parse_again(line_for(said, files.standard()), arguments.count(), arguments.pointers());
  };
  Said said;
  CHECK(again(said));
  CHECK(said.port == 9);
  CHECK(said.pause == Duration::seconds(2));
  put_file(files.standard(), "{\n\"port\": 0}");
  const auto refused = again(said);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().text == files.standard() + ":2: port: \"0\" is no number of 1 to 65535");
  CHECK(refused.error().exit_code == kExitBadSettings);
}

TEST_CASE("settings file: what holds without a word reads like this") {
  Said said;
  check_golden("example.settings.json", settings_text(line_for(said, "/etc/example.json")));
}

TEST_CASE("settings file: what is printed and read again is the same") {
  for (const char* const words :
       {"", "--port 9 --level --name a --name b\"\\ --rate off --pause 0.000001 --loud",
        "--level=5 --rate 2.5 --socket /s"}) {
    CAPTURE(words);
    const Files files;
    const auto printed = [&files](const std::string& of) {
      Said shown;
      const CommandLine line = line_for(shown, "standard");
      shown = files.said(of);
      return settings_text(line);
    };
    const std::string text = printed(words);
    CHECK(printed("--settings " + files.other(text)) == text);
  }
}

TEST_CASE("settings file: a line that is commented out can be put in as it is") {
  Said said;
  std::string text = settings_text(line_for(said, "standard"));
  const std::size_t at = text.find("// \"socket\": \"PATH\"");
  REQUIRE(at != std::string::npos);
  text.erase(at, 3);
  CHECK(Files{text}.said("").socket == "PATH");
}

TEST_CASE("settings file: what differs is told in one line, apart from what needs a restart") {
  Said before;
  Said after;
  after.port = 9;
  after.names = {"a", "b"};
  after.loud = true;
  after.socket = "/s";
  after.json = true;
  const auto changes = [&](InFile when) {
    return settings_changes(line_for(before, ""), line_for(after, ""), when);
  };
  CHECK(changes(InFile::live) == "port 7 -> 9, name [] -> [\"a\", \"b\"], loud false -> true");
  CHECK(changes(InFile::at_start) == "socket default -> \"/s\"");
  CHECK(settings_changes(line_for(after, ""), line_for(after, ""), InFile::live).empty());
  CHECK(reload_text("a 1 -> 2", "") == "a 1 -> 2");
  CHECK(reload_text("a 1 -> 2", "b 1 -> 2") == "a 1 -> 2; not before a restart: b 1 -> 2");
  CHECK(reload_text("", "b 1 -> 2") == "nothing is new; not before a restart: b 1 -> 2");
}
