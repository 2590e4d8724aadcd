// SPDX-License-Identifier: MIT
#include "announcer/daemon/command_line.hpp"

#include <CLI/CLI.hpp>

#include "common/host/socket_address.hpp"

namespace timecast {

namespace {

constexpr double kLeastInterval = 0.125;
constexpr double kLongestInterval = 1024;
constexpr double kFastestRate = 1000;
constexpr std::string_view kFooter =
    "Exit status: 0 done, 1 failed while running, 2 bad command line.";

// What an option's text means, or the complaint as CLI11 wants it.
template <class Value>
Value value_of(const Result<Value>& parsed, const char* option) {
  if (!parsed) throw CLI::ValidationError(option, parsed.error().text);
  return *parsed;
}

void set_group(AnnouncerOptions& options, const std::string& text) {
  const Address group = value_of(parse_address(text), "--group");
  if (!group.is_multicast()) {
    throw CLI::ValidationError("--group", text +
                                              " is no multicast address; 239.255.0.0/16 stays "
                                              "on the site");
  }
  (group.family == Family::ipv4 ? options.group4 : options.group6) = group;
}

void add_plain(AnnouncerOptions& options, const std::string& text) {
  options.plain_destinations.push_back(value_of(parse_endpoint(text, kPlainPort), "--plain"));
}

void set_island(AnnouncerOptions& options, const std::string& text) {
  options.island = true;
  if (text.empty()) return;
  int stratum = 0;
  if (!CLI::detail::lexical_cast(text, stratum) || stratum < 1 || stratum > kMaxStratum) {
    throw CLI::ValidationError("--island", text + " is no stratum; it is 1 to 15");
  }
  options.stratum = static_cast<std::uint8_t>(stratum);
}

void set_rate_limit(AnnouncerOptions& options, const std::string& text) {
  if (text == "off") {
    options.rate_limit.enabled = false;
    return;
  }
  double rate = 0;
  const double slowest = 1 / kFastestRate;
  if (!CLI::detail::lexical_cast(text, rate) || rate < slowest || rate > kFastestRate) {
    throw CLI::ValidationError("--rate-limit",
                               text + " is neither \"off\" nor a rate of 0.001 to 1000 a second");
  }
  options.rate_limit.spacing = Duration::from_seconds(1 / rate);
}

void add_run_options(CLI::App& app, AnnouncerOptions& options) {
  app.add_option("--interface", options.interfaces,
                 "announce by this interface: a name or one of its addresses (default: all that "
                 "are up, multicast-capable and no loopback)")
      ->type_name("IF")
      ->allow_extra_args(false);
  app.add_option_function<std::string>(
         "--group", [&options](const std::string& text) { set_group(options, text); },
         "group of the precise stream (default: 239.255.123.124 and ff02::101)")
      ->type_name("ADDR");
  app.add_option("--port", options.port, "port of the precise stream (default: 11123)")
      ->type_name("N")
      ->check(CLI::Range(1, 65'535));
  app.add_option_function<double>(
         "--interval",
         [&options](const double& s) { options.interval = Duration::from_seconds(s); },
         "seconds between precise announcements, 0.125 to 1024 (default: 1)")
      ->type_name("S")
      ->check(CLI::Range(kLeastInterval, kLongestInterval));
  app.add_option_function<std::vector<std::string>>(
         "--plain",
         [&options](const std::vector<std::string>& texts) {
           for (const std::string& text : texts) add_plain(options, text);
         },
         "send the plain stream here too: a group or broadcast address, ADDR[:PORT] "
         "(always: 239.255.123.123:123)")
      ->type_name("DEST")
      ->allow_extra_args(false);
  app.add_flag_callback(
      "--no-plain", [&options] { options.plain = false; },
      "announce the precise stream alone, and leave port 123 alone");
  app.add_option_function<std::string>(
         "--island", [&options](const std::string& text) { set_island(options, text); },
         "this host's clock is the reference, whatever sets it: for a network without other time "
         "(stratum: 10)")
      ->type_name("[STRATUM]")
      ->expected(0, 1);
}

void add_serving_options(CLI::App& app, AnnouncerOptions& options) {
  app.add_option_function<int>(
         "--stratum", [&options](const int& n) { options.stratum = static_cast<std::uint8_t>(n); },
         "stratum to announce, 1 to 15 (default: 3, on an island 10)")
      ->type_name("N")
      ->check(CLI::Range(1, int{kMaxStratum}));
  app.add_option_function<std::vector<std::string>>(
         "--allow",
         [&options](const std::vector<std::string>& texts) {
           for (const std::string& text : texts) {
             options.allow.push_back(value_of(parse_prefix(text), "--allow"));
           }
         },
         "answer this network too (default: the links of this host)")
      ->type_name("CIDR")
      ->allow_extra_args(false);
  app.add_option_function<std::string>(
         "--rate-limit", [&options](const std::string& text) { set_rate_limit(options, text); },
         "answers a second to one client address, after a burst of 64; or \"off\" (default: 1)")
      ->type_name("RATE");
  app.add_flag("--json", options.json, "print each announcement and change as a line of JSON");
}

void add_place_options(CLI::App& app, AnnouncerOptions& options) {
  app.add_option("--state-dir", options.state_directory,
                 "where the key and sequences are kept (default: $STATE_DIRECTORY, else "
                 "$XDG_STATE_HOME/timecast, else /var/lib/timecast or ~/.local/state/timecast)")
      ->type_name("DIR");
}

void add_socket_option(CLI::App& app, AnnouncerOptions& options) {
  app.add_option("--socket", options.socket,
                 "control socket (default: /run/timecast-announcer/control, else under "
                 "$XDG_RUNTIME_DIR)")
      ->type_name("PATH");
}

void add_all_run_options(CLI::App& app, AnnouncerOptions& options) {
  add_run_options(app, options);
  add_serving_options(app, options);
  add_place_options(app, options);
  add_socket_option(app, options);
}

void add_commands(CLI::App& app, AnnouncerInvocation& invocation) {
  AnnouncerOptions& options = invocation.options;
  const auto command = [&invocation](AnnouncerCommand c) {
    return [&invocation, c] { invocation.command = c; };
  };
  auto& run = *app.add_subcommand("run", "announce and answer (the default)");
  add_all_run_options(run, options);

  auto& status = *app.add_subcommand("status", "what the running announcer says of itself");
  add_socket_option(status, options);
  status.add_flag("--json", options.json, "as one line of JSON");
  status.callback(command(AnnouncerCommand::status));

  auto& key = *app.add_subcommand("key", "show the announcer's public key, or make a new one");
  key.require_subcommand(1);
  auto& show = *key.add_subcommand("show", "print the public key: the line that listeners trust");
  add_place_options(show, options);
  show.callback(command(AnnouncerCommand::key_show));
  auto& make = *key.add_subcommand("new", "make a key where there is none yet, and print it");
  add_place_options(make, options);
  make.callback(command(AnnouncerCommand::key_new));
}

}  // namespace

Expected<AnnouncerInvocation, Farewell> parse_announcer_command_line(int argc,
                                                                     const char* const* argv) {
  AnnouncerInvocation invocation;
  CLI::App app{
      "Announce this host's time to the LAN: NTP broadcast packets (mode 5), signed, to a "
      "multicast group once a second, and answers to NTP queries (mode 3).",
      "timecast-announcer"};
  app.set_version_flag("--version", "timecast-announcer " TIMECAST_VERSION);
  app.footer(std::string{kFooter});
  app.require_subcommand(0, 1);
  add_all_run_options(app, invocation.options);
  add_commands(app, invocation);
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    return because(Farewell{0, app.help()});
  } catch (const CLI::CallForVersion&) {
    return because(Farewell{0, "timecast-announcer " TIMECAST_VERSION "\n"});
  } catch (const CLI::ParseError& error) {
    return because(Farewell{
        kExitBadCommandLine,
        std::string{"timecast-announcer: "} + error.what() + "; see timecast-announcer --help\n"});
  }
  const bool clash = invocation.options.plain && invocation.options.port == kPlainPort;
  if (clash) {
    return because(Farewell{kExitBadCommandLine,
                            "timecast-announcer: --port: 123 is the plain stream's; choose another "
                            "for the precise one, or say --no-plain\n"});
  }
  return invocation;
}

}  // namespace timecast
