// SPDX-License-Identifier: MIT
#include "listener/daemon/command_line.hpp"

#include <CLI/CLI.hpp>

#include "common/host/socket_address.hpp"

namespace timecast {

namespace {

constexpr double kLongestDelay = 1;
constexpr double kLeastBound = 1e-6;
constexpr double kLargestBound = 3600;
constexpr std::string_view kFooter =
    "Exit status: 0 done, 1 failed while running, 2 bad command line, 3 bad settings.";

void set_group(ListenerOptions& options, const std::string& text) {
  const auto group = parse_address(text);
  if (!group) throw CLI::ValidationError("--group", group.error().text);
  if (!group->is_multicast()) {
    throw CLI::ValidationError("--group", text + " is no multicast address");
  }
  (group->family == Family::ipv4 ? options.group4 : options.group6) = *group;
}

void add_hearing_options(CLI::App& app, ListenerOptions& options) {
  app.add_option("--interface", options.interfaces,
                 "listen on this interface: a name or one of its addresses (default: all that "
                 "are up, multicast-capable and no loopback)")
      ->type_name("IF")
      ->allow_extra_args(false);
  app.add_option_function<std::string>(
         "--group", [&options](const std::string& text) { set_group(options, text); },
         "group to join (default: 239.255.123.124 and ff02::101)")
      ->type_name("ADDR");
  app.add_option("--port", options.port, "port to listen to (default: 11123)")
      ->type_name("N")
      ->check(CLI::Range(1, 65'535));
  app.add_flag("--listen-only", options.listen_only,
               "never ask: the delay stays assumed, and how late announcements are has no limit");
  app.add_option_function<double>(
         "--delay", [&options](const double& s) { options.delay = Duration::from_seconds(s); },
         "one-way delay in seconds to assume until it is measured, 0 to 1 (default: 0.0001)")
      ->type_name("S")
      ->check(CLI::Range(0.0, kLongestDelay));
}

void add_trust_options(CLI::App& app, ListenerOptions& options) {
  const std::map<std::string, SignatureMode> modes{{"first-use", SignatureMode::first_use},
                                                   {"pinned", SignatureMode::pinned},
                                                   {"off", SignatureMode::off}};
  app.add_option("--signatures", options.signatures,
                 "whose announcements count: first-use (keys that answer a signed challenge "
                 "within ten minutes of the first announcement), pinned (those of --keys), off "
                 "(anybody's) (default: first-use)")
      ->type_name("MODE")
      ->transform(CLI::CheckedTransformer(modes).description(""));
  app.add_option("--keys", options.keys_file,
                 "file of trusted public keys, one base64 line each; nobody else counts then")
      ->type_name("FILE");
  app.add_option_function<double>(
         "--max-bound",
         [&options](const double& s) { options.max_bound = Duration::from_seconds(s); },
         "error bound in seconds beyond which there is no time to speak of, 0.000001 to 3600 "
         "(default: 1)")
      ->type_name("S")
      ->check(CLI::Range(kLeastBound, kLargestBound));
}

void add_clock_option(CLI::App& app) {
  app.add_option("--clock", "what to do with the time: none (measure and report) (default: none)")
      ->type_name("KIND")
      ->check(CLI::IsMember({"none"}).description(""));
}

void add_socket_option(CLI::App& app, ListenerOptions& options) {
  app.add_option("--socket", options.socket,
                 "control socket (default: /run/timecast-listener/control, else under "
                 "$XDG_RUNTIME_DIR)")
      ->type_name("PATH");
}

void add_run_options(CLI::App& app, ListenerOptions& options) {
  add_hearing_options(app, options);
  add_trust_options(app, options);
  add_clock_option(app);
  add_socket_option(app, options);
  app.add_flag("--json", options.json,
               "print the estimate once a second, and changes of state, as lines of JSON");
}

void add_commands(CLI::App& app, ListenerInvocation& invocation) {
  ListenerOptions& options = invocation.options;
  const auto command = [&invocation](ListenerCommand c) {
    return [&invocation, c] { invocation.command = c; };
  };
  add_run_options(*app.add_subcommand("run", "listen and measure (the default)"), options);

  auto& now = *app.add_subcommand("now",
                                  "the time, by the running listener, and how well it is "
                                  "known; exit status 1 if it is not");
  add_socket_option(now, options);
  now.add_option("--format", options.format, "print the time alone, by strftime(3), local time")
      ->type_name("STRFTIME");
  now.add_flag("--json", options.json, "as one line of JSON");
  now.callback(command(ListenerCommand::now));

  auto& status = *app.add_subcommand("status", "what the running listener says of itself");
  add_socket_option(status, options);
  status.add_flag("--json", options.json, "as one line of JSON");
  status.callback(command(ListenerCommand::status));
}

Expected<ListenerInvocation, Farewell> complain(const std::string& what) {
  return because(Farewell{kExitBadCommandLine,
                          "timecast-listener: " + what + "; see timecast-listener --help\n"});
}

}  // namespace

Expected<ListenerInvocation, Farewell> parse_listener_command_line(int argc,
                                                                   const char* const* argv) {
  ListenerInvocation invocation;
  CLI::App app{
      "Hear announcements of the time on the LAN, and say what time it is, how well that "
      "is known, and why.",
      "timecast-listener"};
  app.set_version_flag("--version", "timecast-listener " TIMECAST_VERSION);
  app.footer(std::string{kFooter});
  app.require_subcommand(0, 1);
  add_run_options(app, invocation.options);
  add_commands(app, invocation);
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    return because(Farewell{0, app.help()});
  } catch (const CLI::CallForVersion&) {
    return because(Farewell{0, "timecast-listener " TIMECAST_VERSION "\n"});
  } catch (const CLI::ParseError& error) {
    return complain(error.what());
  }
  const ListenerOptions& options = invocation.options;
  if (options.signatures == SignatureMode::pinned && !options.keys_file) {
    return complain("--signatures: pinned needs the keys to pin: name their file with --keys");
  }
  if (options.signatures == SignatureMode::off && options.keys_file) {
    return complain("--keys: keys mean nothing with --signatures off; leave one of them out");
  }
  return invocation;
}

}  // namespace timecast
