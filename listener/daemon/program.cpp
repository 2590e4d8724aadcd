// SPDX-License-Identifier: MIT
#include "listener/daemon/program.hpp"

#include "common/host/common_options.hpp"
#include "common/host/log.hpp"
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
#include "listener/daemon/wait.hpp"
#include "listener/daemon/watch_daemon.hpp"

namespace timecast {

namespace {

int run(const ListenerInvocation& invocation, ListenerDaemon::Reread reread) {
  const auto there = check_said_interfaces(invocation.options.interfaces, invocation.settings_file,
                                           invocation.filed);
  if (!there) return fail(there.error());
  if (invocation.settings_file) log(Level::info, "settings from " + *invocation.settings_file);
  const auto daemon = ListenerDaemon::start(invocation.options, std::move(reread));
  if (!daemon) return fail(start_error(daemon.error(), invocation));
  const auto given_up =
      (*daemon)->steers()
          ? keep_only({Privilege::any_file, Privilege::low_ports, Privilege::card_stamps,
                       Privilege::set_time})
          : keep_only({Privilege::any_file, Privilege::low_ports, Privilege::card_stamps});
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
