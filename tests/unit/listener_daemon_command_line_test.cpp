// SPDX-License-Identifier: MIT
#include "listener/daemon/command_line.hpp"

#include <doctest/doctest.h>

#include "common/host/socket_address.hpp"
#include "tests/unit/arguments.hpp"
#include "tests/unit/golden.hpp"

using namespace timecast;

namespace {

Expected<ListenerInvocation, Farewell> parsed(const std::string& words) {
  const Arguments arguments{"timecast-listener " + words};
  return parse_listener_command_line(arguments.count(), arguments.pointers());
}

ListenerOptions options_of(const std::string& words) {
  const auto invocation = parsed(words);
  REQUIRE_MESSAGE(invocation, words);
  return invocation->options;
}

std::string refusal_of(const std::string& words) {
  return refusal_in(parsed(words), "timecast-listener");
}

}  // namespace

TEST_CASE("listener's command line: each command by its word") {
  CHECK(parsed("")->command == ListenerCommand::run);
  CHECK(parsed("run")->command == ListenerCommand::run);
  CHECK(parsed("watch")->command == ListenerCommand::watch);
  CHECK(parsed("query ::1")->command == ListenerCommand::query);
  CHECK(parsed("wait")->command == ListenerCommand::wait);
  CHECK(parsed("now")->command == ListenerCommand::now);
  CHECK(parsed("status --json")->command == ListenerCommand::status);
  CHECK(parsed("doctor --json")->command == ListenerCommand::doctor);
}

TEST_CASE("listener's command line: what holds without options") {
  const ListenerOptions options = options_of("");
  CHECK(options.interfaces.empty());
  CHECK(to_string(options.group4) == "239.255.123.124");
  CHECK(to_string(options.group6) == "ff02::101");
  CHECK(options.port == 11'123);
  CHECK(options.hear.empty());
  CHECK(options.signatures == SignatureMode::first_use);
  CHECK_FALSE(options.keys_file);
  CHECK_FALSE(options.listen_only);
  CHECK_FALSE(options.delay);
  CHECK(options.max_bound == Duration::seconds(1));
  CHECK_FALSE(options.socket);
  CHECK_FALSE(options.json);
  CHECK_FALSE(options.format);
  CHECK(options.listen_for == Duration::seconds(3));
}

TEST_CASE("listener's command line: each option says what it says") {
  CHECK(options_of("--interface eth0 --interface ::1").interfaces ==
        std::vector<std::string>{"eth0", "::1"});
  CHECK(to_string(options_of("--group 239.1.2.3").group4) == "239.1.2.3");
  CHECK(to_string(options_of("--group ff05::1").group6) == "ff05::1");
  CHECK(options_of("--port 1").port == 1);
  CHECK(options_of("--signatures off").signatures == SignatureMode::off);
  CHECK(options_of("--signatures first-use").signatures == SignatureMode::first_use);
  CHECK(options_of("--signatures pinned --keys /k").signatures == SignatureMode::pinned);
  CHECK(options_of("--keys /k").keys_file == "/k");
  CHECK(options_of("--listen-only").listen_only);
  CHECK(options_of("--delay 0").delay == Duration{});
  CHECK(options_of("--delay 1").delay == Duration::seconds(1));
  CHECK(options_of("--max-bound 0.000001").max_bound == Duration::microseconds(1));
  CHECK(options_of("--max-bound 3600").max_bound == Duration::seconds(3600));
  CHECK(options_of("--clock none").max_bound == Duration::seconds(1));
  CHECK(options_of("--socket /s").socket == "/s");
  CHECK(options_of("--textfile /t.prom").textfile == "/t.prom");
  CHECK(options_of("--json").json);
  CHECK(options_of("now --format %H").format == "%H");
  CHECK(options_of("doctor --seconds 0.5").listen_for == Duration::milliseconds(500));
  CHECK(options_of("wait").timeout == Duration::seconds(60));
  CHECK(options_of("wait --timeout 0").timeout == Duration{});
  CHECK_FALSE(options_of("wait").within);
  CHECK(options_of("wait --within 0.1").within == Duration::milliseconds(100));
  CHECK(options_of("wait --timeout 0.5 --socket /s").socket == "/s");
  CHECK(options_of("wait --set").set);
  CHECK_FALSE(options_of("wait").set);
  CHECK(options_of("query ntp.example").host == "ntp.example");
  CHECK(options_of("query ntp.example").query_port == 123);
  CHECK(options_of("query ntp.example --port 11123").query_port == 11'123);
  CHECK(options_of("query --port 11123 ntp.example").query_port == 11'123);
  CHECK(options_of("query ntp.example --hex").hex);
  CHECK(options_of("query ntp.example --json").json);
  CHECK(options_of("query ntp.example --format %H").format == "%H");
}

TEST_CASE("listener's command line: where foreign senders are heard, each place once") {
  const ListenerOptions options = options_of(
      "--hear 239.255.123.123 --hear 192.0.2.255:1123 --hear [ff02::101]:123 "
      "--hear 255.255.255.255 --hear 239.255.123.123:123");
  std::string text;
  for (const Endpoint& to : options.hear) text += to_string(to) + ' ';
  CHECK(text == "239.255.123.123:123 192.0.2.255:1123 [ff02::101]:123 255.255.255.255:123 ");
}

TEST_CASE("listener's command line: watch hears any groups, broadcast addresses and ports") {
  const WatchOptions usual = options_of("watch").watch;
  CHECK(usual.groups.empty());
  CHECK(usual.ports.empty());
  CHECK_FALSE(usual.replay);
  const ListenerOptions options = options_of(
      "watch --group 224.0.0.100 --group 192.0.2.255 --group 255.255.255.255 --port 10001 --port "
      "123 --interface eth0 --json "
      "--hex");
  REQUIRE(options.watch.groups.size() == 3);
  CHECK(to_string(options.watch.groups[0]) == "224.0.0.100");
  CHECK(to_string(options.watch.groups[1]) == "192.0.2.255");
  CHECK(to_string(options.watch.groups[2]) == "255.255.255.255");
  CHECK(to_string(options_of("watch --group ff02::101").watch.groups.at(0)) == "ff02::101");
  CHECK(options.watch.ports == std::vector<std::uint16_t>{10'001, 123});
  CHECK(options.hex);
  CHECK(options.json);
  CHECK(options.interfaces == std::vector<std::string>{"eth0"});
  CHECK(to_string(options.group4) == "239.255.123.124");
  CHECK(options_of("watch --replay -").watch.replay == "-");
}

TEST_CASE("listener's command line: a bad value is refused with its limits") {
  struct Row {
    const char* words;
    const char* refusal;
  };
  for (const Row& row : {
           Row{"--group 10.0.0.1",
               "--group: \"10.0.0.1\" is no multicast address; 239.255.0.0/16 stays on the site"},
           Row{"--port 65536", "--port: \"65536\" is no number of 1 to 65535"},
           Row{"--hear 239.255.123.123,key=7",
               "--hear: 239.255.123.123:123,key=7 names a key; say where that is with --keys FILE"},
           Row{"--hear 239.255.123.123,key=0 --keys k",
               "--hear: \"239.255.123.123,key=0\" is no destination with ,key=ID or "
               ",key=ID,legacy behind it"},
           Row{"--hear 239.255.123.123,key=7,md5 --keys k",
               "--hear: \"239.255.123.123,key=7,md5\" is no destination with ,key=ID or "
               ",key=ID,legacy behind it"},
           Row{"--hear 239.255.123.123,legacy --keys k",
               "--hear: \"239.255.123.123,legacy\" is no destination with ,key=ID or "
               ",key=ID,legacy behind it"},
           Row{"--hear 239.255.123.123,key=7 --hear 239.255.123.123,key=8 --keys k",
               "--hear: \"239.255.123.123,key=8\" is named twice, with two keys or with one and "
               "none"},
           Row{"--hear 239.255.123.123 --hear 239.255.123.123:123,key=8 --keys k",
               "--hear: \"239.255.123.123:123,key=8\" is named twice, with two keys or with one "
               "and none"},
           Row{"--hear 2001:db8::1",
               "--hear: \"2001:db8::1\" is neither a group nor a broadcast address"},
           Row{"--hear 127.0.0.1",
               "--hear: \"127.0.0.1\" is neither a group nor a broadcast address"},
           Row{"--hear 192.0.2.2",
               "--hear: \"192.0.2.2\" is neither a group nor a broadcast address"},
           Row{"--hear 0.0.0.0", "--hear: \"0.0.0.0\" is neither a group nor a broadcast address"},
           Row{"--hear 239.255.123.123:0",
               "--hear: \"239.255.123.123:0\": the port must be 1 to 65535"},
           Row{"status --hear 239.255.123.123", "--hear: means nothing to status"},
           Row{"--signatures on", "--signatures: \"on\" is none of first-use, pinned, off"},
           Row{"--signatures pinned",
               "--signatures: pinned needs keys; name their file with --keys"},
           Row{"--signatures off --keys /k",
               "--keys: means nothing with --signatures off; leave one out"},
           Row{"--delay nan", "--delay: \"nan\" is no number of 0 to 1"},
           Row{"--delay 1.1", "--delay: \"1.1\" is no number of 0 to 1"},
           Row{"--delay -0.1", "--delay: \"-0.1\" is no number of 0 to 1"},
           Row{"--max-bound 0", "--max-bound: \"0\" is no number of 0.000001 to 3600"},
           Row{"--max-bound nan", "--max-bound: \"nan\" is no number of 0.000001 to 3600"},
           Row{"--clock kernel --step 1 --listen-only",
               "--step: means nothing with --listen-only: nobody confirms; leave one out"},
           Row{"--clock sun",
               "--clock: \"sun\" is none of none, kernel, auto, chrony:PATH, ntp-shm:UNIT"},
           Row{"--clock chrony:run/s",
               "--clock: \"chrony:run/s\" names no path that begins with /"},
           Row{"--clock ntp-shm:256", "--clock: \"ntp-shm:256\" names no unit of 0 to 255"},
           Row{"--clock ntp-shm:2 --step 1",
               "--step: means nothing with --clock ntp-shm:2; choose --clock kernel"},
           Row{"--clock kernel --step 0", "--step: \"0\" is no number of 0.001 to 86400"},
           Row{"--clock kernel --max-slew 501", "--max-slew: \"501\" is no number of 1 to 500"},
           Row{"--step 1", "--step: means nothing with --clock none; choose --clock kernel"},
           Row{"--trust-listening",
               "--trust-listening: means nothing with --clock none; choose another"},
           Row{"--format %H", "--format: means nothing to run"},
           Row{"doctor --seconds 0", "--seconds: \"0\" is no number of 0.1 to 3600"},
           Row{"now --format %H --json", "--format: contradicts --json; leave one out"},
           Row{"status --delay 1", "--delay: means nothing to status"},
           Row{"wait --within 0", "--within: \"0\" is no number of 0.001 to 86400"},
           Row{"wait --timeout -1", "--timeout: \"-1\" is no number of 0 to 86400"},
           Row{"wait --timeout 86401", "--timeout: \"86401\" is no number of 0 to 86400"},
           Row{"wait --format %H", "--format: means nothing to wait"},
           Row{"query", "query: needs HOST, name or address of the server"},
           Row{"query a b", "query: takes one HOST alone, not \"a b\"; leave one out"},
           Row{"query a --port 0", "--port: \"0\" is no number of 1 to 65535"},
           Row{"query a --format %H --hex", "--format: contradicts --hex; leave one out"},
           Row{"query a --format %H --json", "--format: contradicts --json; leave one out"},
           Row{"qury a", "there is no command \"qury a\"; did you mean query?"},
           Row{"listen",
               "there is no command \"listen\"; there are run, watch, query, wait, now, status, "
               "keys list, keys add, keys forget, doctor, print-settings"},
           Row{"watch --group 10.0.0.1",
               "--group: \"10.0.0.1\" is neither a group nor a broadcast address"},
           Row{"watch --group 2001:db8::1",
               "--group: \"2001:db8::1\" is neither a group nor a broadcast address"},
           Row{"watch --port 0", "--port: \"0\" is no number of 1 to 65535"},
           Row{"watch --replay", "--replay: needs a value, PCAP"},
           Row{"watch --replay /p --interface lo",
               "--interface: means nothing with --replay; leave one out"},
           Row{"--hex", "--hex: means nothing to run"},
       }) {
    CAPTURE(row.words);
    CHECK(refusal_of(row.words) == row.refusal);
  }
}

TEST_CASE("listener's command line: which clock is kept, and how") {
  CHECK(options_of("").clock == ClockChoice{ClockKind::none});
  CHECK(options_of("--clock auto").clock == ClockChoice{ClockKind::automatic});
  CHECK(options_of("--clock chrony").clock ==
        ClockChoice{ClockKind::chrony, "/run/chrony.timecast.sock"});
  CHECK(options_of("--clock chrony:/s").clock == ClockChoice{ClockKind::chrony, "/s"});
  CHECK(options_of("--clock ntp-shm:7").clock == ClockChoice{ClockKind::ntp_shm, {}, 7});
  const ListenerOptions options =
      options_of("--clock kernel --step 0.25 --max-slew 100 --trust-listening");
  CHECK(options.clock == ClockChoice{ClockKind::kernel});
  CHECK(options.clock_policy.step_over == Duration::milliseconds(250));
  CHECK(options.clock_policy.max_slew == FrequencyPpb{100'000});
  CHECK(options.clock_policy.trust_tentative);
}

TEST_CASE("listener's command line: its help and version") {
  check_golden("timecast-listener.help.txt", parsed("--help").error().text);
  CHECK(parsed("--help").error().exit_code == 0);
  CHECK(parsed("--version").error().text == "timecast-listener " TIMECAST_VERSION "\n");
  CHECK(parsed("--version").error().exit_code == 0);
}
