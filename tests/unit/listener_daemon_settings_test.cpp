// SPDX-License-Identifier: MIT
//
// The settings file of timecast-listener.
#include <doctest/doctest.h>

#include "listener/daemon/command_line.hpp"
#include "tests/unit/golden.hpp"
#include "tests/unit/settings_program.hpp"

using namespace timecast;

namespace {

struct Program {
  static constexpr const char* kName = "timecast-listener";
  static constexpr auto* kParse = parse_listener_command_line;
};

using Filed = FiledFor<Program>;

auto parsed(const std::string& words) { return parsed_by<Program>(words); }
std::string text_of(const std::string& words) { return settings_text(*parsed(words)); }

}  // namespace

TEST_CASE("listener's settings: each says what its option says") {
  const ListenerOptions options = Filed{R"({
    "clock": "none",
    "interface": ["eth0"],
    "group": ["239.1.2.3"],
    "port": 1123,
    "hear": ["239.255.123.123", "192.0.2.255:1123"],
    "signatures": "pinned",
    "keys": "/k",
    "listen-only": true,
    "delay": 0.001,
    "max-bound": 0.5,
    "socket": "/s",
    "textfile": "/t.prom"
  })"}
                                      .options();
  CHECK(options.interfaces == std::vector<std::string>{"eth0"});
  CHECK(options.group4 == Address::ipv4(239, 1, 2, 3));
  CHECK(options.port == 1123);
  CHECK(options.hear == std::vector<KeyedEndpoint>{{Address::ipv4(239, 255, 123, 123), 123, 0},
                                                   {Address::ipv4(192, 0, 2, 255), 1123, 0}});
  CHECK(options.signatures == SignatureMode::pinned);
  CHECK(options.keys_file == "/k");
  CHECK(options.listen_only);
  CHECK(options.delay == Duration::milliseconds(1));
  CHECK(options.max_bound == Duration::milliseconds(500));
  CHECK(options.socket == "/s");
  CHECK(options.textfile == "/t.prom");
}

TEST_CASE("listener's settings: the command line beats them") {
  const Filed filed{R"({"signatures": "pinned", "keys": "/k", "max-bound": 0.5})"};
  const ListenerOptions options = filed.options("--keys /l --max-bound 2");
  CHECK(options.signatures == SignatureMode::pinned);
  CHECK(options.keys_file == "/l");
  CHECK(options.max_bound == Duration::seconds(2));
}

TEST_CASE("listener's settings: now and status look where they say") {
  const Filed filed{R"({"socket": "/s"})"};
  CHECK(filed.options("now").socket == "/s");
  CHECK(filed.options("status").socket == "/s");
}

TEST_CASE("listener's settings: what is wrong is named with its line and limit") {
  struct Row {
    const char* text;
    const char* refusal;
  };
  for (const Row& row : {
           Row{"{\n\"max-bound\": 0}", "2: max-bound: \"0\" is no number of 0.000001 to 3600\n"},
           Row{"{\n\"max_bound\": 1}",
               "2: max_bound: there is no such setting; did you mean max-bound?\n"},
           Row{"{\"signatures\": \"on\"}",
               "1: signatures: \"on\" is none of first-use, pinned, off\n"},
           Row{"{\"listen-only\": \"true\"}",
               "1: listen-only: is a text and should be true or false\n"},
           Row{"{\n\"signatures\": \"pinned\"}",
               "2: signatures: pinned needs keys; name their file with --keys\n"},
           Row{"{\"keys\": \"/k\",\n\"signatures\": \"off\"}",
               "1: keys: means nothing with --signatures off; leave one out\n"},
           Row{"{\"format\": \"%s\"}",
               "1: format: there is no such setting; `timecast-listener print-settings` shows "
               "those there are\n"},
       }) {
    CAPTURE(row.text);
    CHECK(Filed{row.text}.refusal() == row.refusal);
  }
}

TEST_CASE("listener's settings: what print-settings prints without a word") {
  CHECK(parsed("print-settings")->command == ListenerCommand::print_settings);
  check_golden("timecast-listener.settings.json", text_of("print-settings"));
}

TEST_CASE("listener's settings: what print-settings prints says the same when it is read") {
  for (const char* const words :
       {"", "--interface eth0 --interface 192.0.2.1 --group 239.1.2.3 --group ff05::1 --port 9",
        "--signatures pinned --keys /k --socket /s", "--signatures off --listen-only",
        "--delay 0 --max-bound 0.000001", "--clock none --delay 0.123456789",
        "--textfile /t.prom"}) {
    CAPTURE(words);
    const auto said = parsed(words);
    REQUIRE(said);
    const std::string text = settings_text(*said);
    const ListenerInvocation read = Filed{text}.invocation();
    CHECK(settings_text(read) == text);
    CHECK(settings_changes(said->options, read.options, InFile::live).empty());
    CHECK(settings_changes(said->options, read.options, InFile::at_start).empty());
  }
}
