// SPDX-License-Identifier: MIT
//
// The settings file of timecast-announcer.
#include <doctest/doctest.h>

#include "announcer/daemon/command_line.hpp"
#include "tests/unit/golden.hpp"
#include "tests/unit/settings_program.hpp"

using namespace timecast;

namespace {

struct Program {
  static constexpr const char* kName = "timecast-announcer";
  static constexpr auto* kParse = parse_announcer_command_line;
};

using Filed = FiledFor<Program>;

auto parsed(const std::string& words) { return parsed_by<Program>(words); }
std::string text_of(const std::string& words) { return settings_text(*parsed(words)); }

}  // namespace

TEST_CASE("announcer's settings: each says what its option says") {
  const AnnouncerOptions options = Filed{R"({
    "interface": ["eth0", "192.0.2.1"],
    "group": ["239.1.2.3", "ff05::1"],
    "port": 1123,
    "interval": 0.25,
    "plain": ["224.0.1.1", "192.0.2.255:1124"],
    "island": 5,
    "allow": ["10.0.0.0/8"],
    "rate-limit": "off",
    "state-dir": "/d",
    "socket": "/s"
  })"}
                                       .options();
  CHECK(options.interfaces == std::vector<std::string>{"eth0", "192.0.2.1"});
  CHECK(options.group4 == Address::ipv4(239, 1, 2, 3));
  CHECK(options.port == 1123);
  CHECK(options.interval == Duration::milliseconds(250));
  CHECK(options.plain_destinations.size() == 3);
  CHECK(options.island);
  CHECK(options.stratum == 5);
  CHECK(options.allow.size() == 1);
  CHECK_FALSE(options.rate_limit.enabled);
  CHECK(options.state_directory == "/d");
  CHECK(options.socket == "/s");
  CHECK_FALSE(Filed{R"({"no-plain": true})"}.options().plain);
  CHECK(Filed{R"({"stratum": 6})"}.options().stratum == 6);
  CHECK(Filed{R"({"rate-limit": 4})"}.options().rate_limit.spacing == Duration::milliseconds(250));
}

TEST_CASE("announcer's settings: the command line beats them") {
  const Filed filed{R"({"interval": 0.25, "plain": ["224.0.1.1"], "allow": ["10.0.0.0/8"]})"};
  const AnnouncerOptions options = filed.options("--interval 2 --allow 192.0.2.0/24");
  CHECK(options.interval == Duration::seconds(2));
  REQUIRE(options.allow.size() == 1);
  CHECK(options.allow[0].length == 24);
  CHECK(options.plain_destinations.size() == 2);
}

TEST_CASE("announcer's settings: what contradicts the command line is named beside it") {
  const Filed filed{R"({"stratum": 5})"};
  CHECK(refusal_in(filed.parsed("--island=6"), "timecast-announcer") ==
        "--island: --island and --stratum both name a stratum; leave one out (" + filed.path() +
            " counts too)");
  CHECK(refusal_in(filed.parsed("--interval 0"), "timecast-announcer") ==
        "--interval: \"0\" is no number of 0.125 to 1024");
  CHECK(filed.options("--stratum 6 --island").stratum == 6);
}

TEST_CASE("announcer's settings: key and status look where they say") {
  const Filed filed{R"({"state-dir": "/d", "socket": "/s"})"};
  CHECK(filed.options("key show").state_directory == "/d");
  CHECK(filed.options("key new").state_directory == "/d");
  CHECK(filed.options("status").socket == "/s");
}

TEST_CASE("announcer's settings: what is wrong is named with its line and limit") {
  struct Row {
    const char* text;
    const char* refusal;
  };
  for (const Row& row : {
           Row{"{\n\"interval\": 5000}", "2: interval: \"5000\" is no number of 0.125 to 1024\n"},
           Row{"{\n\"intervall\": 1}",
               "2: intervall: there is no such setting; did you mean interval?\n"},
           Row{"{\n\"allow\": [\"10.0.0.0/8\",\n\"10.0.0.1/8\"]}",
               "3: allow: \"10.0.0.1/8\": has bits set after the first 8; make them zero, or leave "
               "out the length for one host\n"},
           Row{"{\"group\": [\"239.1.1.1\", \"239.1.1.2\"]}",
               "1: group: \"239.1.1.2\" is a second group of its family; leave one out\n"},
           Row{"{\"island\": \"yes\"}",
               "1: island: is a text and should be true, false or a number\n"},
           Row{"{\"island\": 5,\n\"stratum\": 6}",
               "2: stratum: --island and --stratum both name a stratum; leave one out\n"},
           Row{"{\"rate-limit\": 0}",
               "1: rate-limit: \"0\" is neither off nor a number of 0.001 to 100000\n"},
           Row{"{\n\"port\": 123}",
               "2: port: 123 is a port of the plain stream; choose another, or say --no-plain\n"},
           Row{"{\n\"plain\": [\"224.0.1.1\"],\n\"no-plain\": true}",
               "3: no-plain: contradicts --plain; leave one out\n"},
           Row{"{\"json\": true}", "1: json: is no setting; say it on the command line, --json\n"},
       }) {
    CAPTURE(row.text);
    CHECK(Filed{row.text}.refusal() == row.refusal);
  }
}

TEST_CASE("announcer's settings: what print-settings prints without a word") {
  CHECK(parsed("print-settings")->command == AnnouncerCommand::print_settings);
  check_golden("timecast-announcer.settings.json", text_of("print-settings"));
}

TEST_CASE("announcer's settings: what print-settings prints says the same when it is read") {
  for (const char* const words :
       {"", "--interface eth0 --interface 192.0.2.1 --group 239.1.2.3 --group ff05::1",
        "--port 1123 --interval 0.3 --no-plain --stratum 7 --rate-limit off",
        "--plain 224.0.1.1 --plain 192.0.2.255:1124 --plain ff05::101 --island",
        "--plain broadcast --plain broadcast:1124",
        "--island=5 --allow 10.0.0.0/8 --allow 2001:db8::/32 --rate-limit 3 --socket /s",
        "--rate-limit 0.001 --state-dir /d", "--rate-limit 2.3456789", "--rate-limit 1000"}) {
    CAPTURE(words);
    const auto said = parsed(words);
    REQUIRE(said);
    const std::string text = settings_text(*said);
    const AnnouncerInvocation read = Filed{text}.invocation();
    CHECK(settings_text(read) == text);
    CHECK(settings_changes(said->options, read.options, InFile::live).empty());
    CHECK(settings_changes(said->options, read.options, InFile::at_start).empty());
    CHECK(said->options.rate_limit.spacing == read.options.rate_limit.spacing);
  }
}

TEST_CASE("announcer's settings: print-settings merges the file with the command line") {
  const Filed filed{R"({"interval": 0.25, "port": 1123})"};
  const std::string text = settings_text(filed.invocation("print-settings --interval 2"));
  CHECK(text.find("  \"interval\": 2,\n") != std::string::npos);
  CHECK(text.find("  \"port\": 1123,\n") != std::string::npos);
}

TEST_CASE("announcer's settings: read again, they are as the file is now") {
  const Filed filed{R"({"interval": 0.25})"};
  const Arguments arguments{"timecast-announcer --port 1123 --settings " + filed.path()};
  const auto again = [&] {
    return parse_announcer_settings_again(arguments.count(), arguments.pointers());
  };
  put_file(filed.path(), R"({"interval": 2, "port": 1})");
  REQUIRE(again());
  CHECK(again()->options.interval == Duration::seconds(2));
  CHECK(again()->options.port == 1123);
  put_file(filed.path(), R"({"interval": 0})");
  REQUIRE_FALSE(again());
  CHECK(again().error().text == filed.path() + ":1: interval: \"0\" is no number of 0.125 to 1024");
}
