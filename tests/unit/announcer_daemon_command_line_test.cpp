// SPDX-License-Identifier: MIT
#include "announcer/daemon/command_line.hpp"

#include <doctest/doctest.h>

#include "common/host/socket_address.hpp"
#include "tests/unit/arguments.hpp"
#include "tests/unit/golden.hpp"

using namespace timecast;

namespace {

Expected<AnnouncerInvocation, Farewell> parsed(const std::string& words) {
  const Arguments arguments{"timecast-announcer " + words};
  return parse_announcer_command_line(arguments.count(), arguments.pointers());
}

AnnouncerOptions options_of(const std::string& words) {
  const auto invocation = parsed(words);
  REQUIRE_MESSAGE(invocation, words);
  return invocation->options;
}

std::string refusal_of(const std::string& words) {
  return refusal_in(parsed(words), "timecast-announcer");
}

Address address(const char* text) { return *parse_address(text); }

}  // namespace

TEST_CASE("announcer's command line: each command by its words") {
  CHECK(parsed("")->command == AnnouncerCommand::run);
  CHECK(parsed("run")->command == AnnouncerCommand::run);
  CHECK(parsed("status --json")->command == AnnouncerCommand::status);
  CHECK(parsed("key show")->command == AnnouncerCommand::key_show);
  CHECK(parsed("key new --state-dir d")->command == AnnouncerCommand::key_new);
  CHECK(parsed("key renew --state-dir d")->command == AnnouncerCommand::key_renew);
}

TEST_CASE("announcer's command line: what holds without options") {
  const AnnouncerOptions options = options_of("");
  CHECK(options.interfaces.empty());
  CHECK(options.group4 == address("239.255.123.124"));
  CHECK(options.group6 == address("ff02::101"));
  CHECK(options.port == 11'123);
  CHECK(options.interval == Duration::seconds(1));
  CHECK(options.plain);
  REQUIRE(options.plain_destinations.size() == 1);
  CHECK(to_string(options.plain_destinations[0]) == "239.255.123.123:123");
  CHECK_FALSE(options.island);
  CHECK_FALSE(options.stratum);
  CHECK(options.allow.empty());
  CHECK(options.rate_limit.enabled);
  CHECK(options.rate_limit.spacing == Duration::seconds(1));
  CHECK_FALSE(options.state_directory);
  CHECK_FALSE(options.socket);
  CHECK_FALSE(options.json);
}

TEST_CASE("announcer's command line: each option says what it says") {
  CHECK(options_of("--interface eth0 --interface 192.0.2.1").interfaces ==
        std::vector<std::string>{"eth0", "192.0.2.1"});
  const AnnouncerOptions groups = options_of("--group 239.1.2.3 --group ff05::1");
  CHECK(groups.group4 == address("239.1.2.3"));
  CHECK(groups.group6 == address("ff05::1"));
  CHECK(options_of("--port 65535").port == 65'535);
  CHECK(options_of("--interval 0.125").interval == Duration::milliseconds(125));
  CHECK(options_of("--interval 0.3").interval == Duration::milliseconds(300));
  CHECK(options_of("--interval 1024").interval == Duration::seconds(1024));
  CHECK_FALSE(options_of("--no-plain").plain);
  CHECK(options_of("--stratum 15").stratum == 15);
  CHECK_FALSE(options_of("--rate-limit off").rate_limit.enabled);
  CHECK(options_of("--rate-limit 4").rate_limit.spacing == Duration::milliseconds(250));
  CHECK(options_of("--rate-limit 0.001").rate_limit.spacing == Duration::seconds(1000));
  CHECK(options_of("--state-dir /d").state_directory == "/d");
  CHECK(options_of("--socket /s").socket == "/s");
  CHECK(options_of("--json").json);
}

TEST_CASE("announcer's command line: networks that may ask are added up") {
  const auto allow = options_of("--allow 10.0.0.0/8 --allow 2001:db8::1").allow;
  REQUIRE(allow.size() == 2);
  CHECK(to_string(allow[0]) == "10.0.0.0/8");
  CHECK(to_string(allow[1]) == "2001:db8::1/128");
}

TEST_CASE("announcer's command line: plain destinations are added to the usual one, once each") {
  const auto to = options_of(
                      "--plain 224.0.1.1 --plain 192.0.2.255:1123 --plain 224.0.1.1 "
                      "--plain 255.255.255.255 --plain ff02::101 --plain 239.255.123.123")
                      .plain_destinations;
  std::string all;
  for (const Endpoint& each : to)
    all += to_string(each.address) + ':' + std::to_string(each.port) + ' ';
  CHECK(all ==
        "239.255.123.123:123 224.0.1.1:123 192.0.2.255:1123 255.255.255.255:123 ff02::101:123 ");
}

TEST_CASE("announcer's command line: a plain destination can be each interface's own broadcast") {
  struct Row {
    const char* words;
    const char* text;
  };
  for (const Row& row : {
           Row{"--plain broadcast", "broadcast:123"},
           Row{"--plain broadcast:1123", "broadcast:1123"},
           Row{"--plain 192.0.2.255", "192.0.2.255:123"},
       }) {
    CAPTURE(row.words);
    const auto to = options_of(row.words).plain_destinations;
    REQUIRE(to.size() == 2);
    CHECK(destination_text(to[1]) == row.text);
    CHECK(parse_plain_destination(row.text).value() == to[1]);
  }
}

TEST_CASE(
    "announcer's command line: an island may name its stratum, and takes no command for one") {
  CHECK(options_of("--island").island);
  CHECK_FALSE(options_of("--island").stratum);
  CHECK(options_of("--island=5").stratum == 5);
  CHECK(options_of("--island --stratum 5").stratum == 5);
  CHECK(parsed("--island run")->command == AnnouncerCommand::run);
  CHECK(options_of("--island run").island);
  CHECK(options_of("run --island").island);
}

TEST_CASE("announcer's command line: a bad value is refused with its limits") {
  struct Row {
    const char* words;
    const char* refusal;
  };
  for (const Row& row : {
           Row{"--group 192.0.2.1",
               "--group: \"192.0.2.1\" is no multicast address; 239.255.0.0/16 stays on the site"},
           Row{"--group 239.1.1.1 --group 239.1.1.2",
               "--group: \"239.1.1.2\" is a second group of its family; leave one out"},
           Row{"--port 0", "--port: \"0\" is no number of 1 to 65535"},
           Row{"--port 0x7b", "--port: \"0x7b\" is no number of 1 to 65535"},
           Row{"--interval nan", "--interval: \"nan\" is no number of 0.125 to 1024"},
           Row{"--interval 0.1249", "--interval: \"0.1249\" is no number of 0.125 to 1024"},
           Row{"--interval 1025", "--interval: \"1025\" is no number of 0.125 to 1024"},
           Row{"--interval 0.3333", "--interval: \"0.3333\" is no whole number of milliseconds"},
           Row{"--plain 2001:db8::1",
               "--plain: \"2001:db8::1\" is neither a group nor a broadcast address"},
           Row{"--plain 127.0.0.1",
               "--plain: \"127.0.0.1\" is neither a group nor a broadcast address"},
           Row{"--plain 192.0.2.2",
               "--plain: \"192.0.2.2\" is neither a group nor a broadcast address"},
           Row{"--plain 0.0.0.0",
               "--plain: \"0.0.0.0\" is neither a group nor a broadcast address"},
           Row{"--plain 224.0.1.1:65536",
               "--plain: \"224.0.1.1:65536\": the port must be 1 to 65535"},
           Row{"--plain broadcast:0", "--plain: \"broadcast:0\" has no port of 1 to 65535"},
           Row{"--plain broadcast:11123",
               "--port: 11123 is a port of the plain stream; choose another, or say --no-plain"},
           Row{"--no-plain --plain broadcast", "--no-plain: contradicts --plain; leave one out"},
           Row{"--no-plain --plain 224.0.1.1", "--no-plain: contradicts --plain; leave one out"},
           Row{"--port 123",
               "--port: 123 is a port of the plain stream; choose another, or say --no-plain"},
           Row{"--plain 224.0.1.1:11123",
               "--port: 11123 is a port of the plain stream; choose another, or say --no-plain"},
           Row{"--island=0", "--island: \"0\" is no number of 1 to 15"},
           Row{"--island=run", "--island: \"run\" is no number of 1 to 15"},
           Row{"--stratum 16", "--stratum: \"16\" is no number of 1 to 15"},
           Row{"--stratum 2.5", "--stratum: \"2.5\" is no number of 1 to 15"},
           Row{"--island=5 --stratum 6",
               "--stratum: --island and --stratum both name a stratum; leave one out"},
           Row{"--stratum 6 --island=6",
               "--island: --island and --stratum both name a stratum; leave one out"},
           Row{"--allow 10.1.2.3/8",
               "--allow: \"10.1.2.3/8\": has bits set after the first 8; make them zero, or leave "
               "out the length for one host"},
           Row{"--rate-limit nan",
               "--rate-limit: \"nan\" is neither off nor a number of 0.001 to 100000"},
           Row{"--rate-limit 0",
               "--rate-limit: \"0\" is neither off nor a number of 0.001 to 100000"},
           Row{"--rate-limit 100001",
               "--rate-limit: \"100001\" is neither off nor a number of 0.001 to 100000"},
           Row{"status --interval 1", "--interval: means nothing to status"},
           Row{"key", "key: say key show, key new or key renew"},
       }) {
    CAPTURE(row.words);
    CHECK(refusal_of(row.words) == row.refusal);
  }
}

TEST_CASE("announcer's command line: port 123 is free for who sends no plain stream") {
  CHECK(options_of("--no-plain --port 123").port == 123);
}

TEST_CASE("announcer's command line: its help and version") {
  check_golden("timecast-announcer.help.txt", parsed("--help").error().text);
  CHECK(parsed("--help").error().exit_code == 0);
  CHECK(parsed("--version").error().text == "timecast-announcer " TIMECAST_VERSION "\n");
  CHECK(parsed("--version").error().exit_code == 0);
}
