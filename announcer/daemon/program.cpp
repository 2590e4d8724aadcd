// SPDX-License-Identifier: MIT
#include "announcer/daemon/program.hpp"

#include <cerrno>
#include <string>
#include <string_view>
#include <vector>

#include "announcer/daemon/command_line.hpp"
#include "announcer/daemon/daemon.hpp"
#include "announcer/daemon/doctor.hpp"
#include "announcer/daemon/succession.hpp"
#include "common/host/common_options.hpp"
#include "common/host/log.hpp"
#include "common/host/places.hpp"
#include "common/host/privileges.hpp"
#include "common/host/standard_output.hpp"

namespace timecast {

namespace {

// Where it reads and writes while it runs. Of what belongs to nobody yet nothing is needed.
std::vector<std::string> places_of(const AnnouncerInvocation& invocation) {
  const AnnouncerOptions& options = invocation.options;
  std::vector<std::string> places;
  if (const auto state = find_state_directory(options.state_directory)) places.push_back(*state);
  for (const std::string& each : control_socket_places("timecast-announcer", options.socket)) {
    places.push_back(parent_of(each));
  }
  for (const GivenPlace& each : {options.keys_file, invocation.settings_file}) {
    if (each) places.push_back(*each);
  }
  return places;
}

int run(const AnnouncerInvocation& invocation, const AnnouncedClock& clock,
        AnnouncerDaemon::Reread reread) {
  const auto there = check_said_interfaces(invocation.options.interfaces, invocation.settings_file,
                                           invocation.filed);
  if (!there) return fail(there.error());
  if (invocation.settings_file) log(Level::info, "settings from " + *invocation.settings_file);
  const auto daemon = AnnouncerDaemon::start(invocation.options, clock, std::move(reread));
  if (!daemon) return fail(daemon.error());
  const auto given_up = keep_only(needed_privileges(places_of(invocation)));
  if (!given_up) log(Level::warning, given_up.error().text);
  (*daemon)->run();
  log(Level::info,
      "stopped after " + std::to_string((*daemon)->report().core.announcements) + " announcements");
  return 0;
}

// For firmware, which trusts from its first packet on.
std::string c_array_of(const PublicKey& key) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  constexpr std::size_t kOctetsOfLine = 8;
  std::string text = "// " + to_base64(key) + "\nstatic const unsigned char timecast_key[32] = {\n";
  for (std::size_t i = 0; i < key.size(); ++i) {
    text += i % kOctetsOfLine == 0 ? "    0x" : " 0x";
    text += kDigits[key[i] >> 4U];
    text += kDigits[key[i] & 15U];
    text += ',';
    if (i % kOctetsOfLine == kOctetsOfLine - 1) text += '\n';
  }
  return text + "};\n";
}

int show_key(const AnnouncerOptions& options) {
  const auto directory = find_state_directory(options.state_directory);
  if (!directory) return fail(directory.error());
  const auto key = SigningKey::load(key_path(*directory));
  if (key && options.as_c) return print(c_array_of(key->public_key()));
  if (key) return print(to_base64(key->public_key()) + '\n');
  if (key.error().errno_value != ENOENT) return fail(state_error(key.error()));
  return fail(Error{"there is no key " + key_path(*directory) +
                    "; make one by `timecast-announcer key new`, or name the directory by "
                    "--state-dir"});
}

int make_key(const AnnouncerOptions& options) {
  const auto directory = state_directory(options.state_directory);
  if (!directory) return fail(directory.error());
  const auto key = SigningKey::generate();
  if (!key) return fail(key.error());
  const auto saved = key->save(key_path(*directory));
  if (saved) return print(to_base64(key->public_key()) + '\n');
  if (saved.error().errno_value != EEXIST) return fail(state_error(saved.error()));
  return fail(Error{"there is a key already, " + key_path(*directory) +
                    "; move it away first, but listeners know this announcer by it"});
}

int replace_key(const AnnouncerOptions& options) {
  const auto key = renew_key(options.state_directory);
  return key ? print(to_base64(*key) + '\n') : fail(key.error());
}

}  // namespace

int announcer_program(int argc, const char* const* argv, const AnnouncedClock& clock) {
  keep_standard_streams();
  const auto invocation = parse_announcer_command_line(argc, argv);
  if (!invocation) return say(invocation.error());
  const AnnouncerOptions& options = invocation->options;
  switch (invocation->command) {
    case AnnouncerCommand::run:
      return run(*invocation, clock, [=] { return parse_announcer_settings_again(argc, argv); });
    case AnnouncerCommand::status:
      return show_control_answer("timecast-announcer", options.socket,
                                 options.json ? "status json" : "status");
    case AnnouncerCommand::key_show: return show_key(options);
    case AnnouncerCommand::key_new: return make_key(options);
    case AnnouncerCommand::key_renew: return replace_key(options);
    case AnnouncerCommand::doctor: return show_doctor(options);
    case AnnouncerCommand::print_settings: return print(settings_text(*invocation));
  }
  return kExitFailed;
}

}  // namespace timecast
