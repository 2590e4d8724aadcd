// SPDX-License-Identifier: MIT
#include "listener/daemon/program.hpp"

#include <string>
#include <vector>

#include "common/host/common_options.hpp"
#include "common/host/log.hpp"
#include "common/host/places.hpp"
#include "common/host/privileges.hpp"
#include "common/host/standard_output.hpp"
#include "listener/daemon/command_line.hpp"
#include "listener/daemon/daemon.hpp"
#include "listener/daemon/doctor.hpp"
#include "listener/daemon/keys_command.hpp"
#include "listener/daemon/now.hpp"
#include "listener/daemon/query.hpp"
#include "listener/daemon/replay.hpp"
#include "listener/daemon/status.hpp"
#include "listener/daemon/trusted_keys.hpp"
#include "listener/daemon/wait.hpp"
#include "listener/daemon/watch_daemon.hpp"

namespace timecast {

namespace {

// Where it reads and writes while it runs. Of what belongs to nobody yet nothing is needed.
std::vector<std::string> places_of(const ListenerInvocation& invocation) {
  const ListenerOptions& options = invocation.options;
  std::vector<std::string> places;
  if (const auto state = find_state_directory(options.state_directory)) places.push_back(*state);
  for (const std::string& each : control_socket_places("timecast-listener", options.socket)) {
    places.push_back(parent_of(each));
  }
  if (options.textfile) places.push_back(parent_of(*options.textfile));
  for (const GivenPlace& each :
       {options.keys_file, trusted_keys_file(options), invocation.settings_file}) {
    if (each) places.push_back(*each);
  }
  return places;
}

std::vector<Privilege> privileges_of(const ListenerInvocation& invocation, bool steers) {
  std::vector<Privilege> needed = needed_privileges(places_of(invocation));
  // chronyd's socket, which that one makes when it starts, may be its own user's.
  const ClockKind clock = invocation.options.clock.kind;
  const bool may_feed = clock == ClockKind::chrony || clock == ClockKind::automatic;
  if (may_feed && !steers) needed.push_back(Privilege::any_file);
  if (steers) needed.push_back(Privilege::set_time);
  return needed;
}

int run(const ListenerInvocation& invocation, ListenerDaemon::Reread reread) {
  const auto there = check_said_interfaces(invocation.options.interfaces, invocation.settings_file,
                                           invocation.filed);
  if (!there) return fail(there.error());
  if (invocation.settings_file) log(Level::info, "settings from " + *invocation.settings_file);
  const auto daemon = ListenerDaemon::start(invocation.options, std::move(reread));
  if (!daemon) return fail(start_error(daemon.error(), invocation));
  const auto given_up = keep_only(privileges_of(invocation, (*daemon)->steers()));
  if (!given_up) log(Level::warning, given_up.error().text);
  (*daemon)->run();
  log(Level::info, "stopped: " + describe((*daemon)->report().core));
  return 0;
}

}  // namespace

int listener_program(int argc, const char* const* argv) {
  keep_standard_streams();
  const auto invocation = parse_listener_command_line(argc, argv);
  if (!invocation) return say(invocation.error());
  const ListenerOptions& options = invocation->options;
  switch (invocation->command) {
    case ListenerCommand::run:
      return run(*invocation, [=] { return parse_listener_settings_again(argc, argv); });
    case ListenerCommand::watch:
      return options.watch.replay ? show_replay(options) : watch(options);
    case ListenerCommand::query: return query_server(options);
    case ListenerCommand::wait: return wait_for_time(options);
    case ListenerCommand::now: return show_now(options);
    case ListenerCommand::keys_list: return list_keys(options);
    case ListenerCommand::keys_add: return add_key(options);
    case ListenerCommand::keys_forget: return forget_key(options);
    case ListenerCommand::doctor: return show_doctor(options);
    case ListenerCommand::status:
      return show_control_answer("timecast-listener", options.socket,
                                 options.json ? "status json" : "status");
    case ListenerCommand::print_settings: return print(settings_text(*invocation));
  }
  return kExitFailed;
}

}  // namespace timecast
