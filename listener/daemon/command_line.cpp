// SPDX-License-Identifier: MIT
#include "listener/daemon/command_line.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>

#include "common/host/common_options.hpp"
#include "common/host/settings_file.hpp"
#include "common/host/socket_address.hpp"
#include "listener/daemon/key_options.hpp"
#include "listener/daemon/trusted_keys.hpp"

namespace timecast {

namespace {

constexpr const char* kProgram = "timecast-listener";
constexpr const char* kKept =
    "where trusted keys, and the frequency of a clock that is disciplined, are kept";
constexpr Duration kShortestListening = Duration::milliseconds(100);
constexpr Duration kLongestListening = Duration::seconds(3600);
constexpr Duration kLongestWait = Duration::seconds(86'400);

OptionValue delay(ListenerOptions& options) {
  const auto take = [&options](std::string_view text) -> Result<void> {
    const auto delay = parse_seconds(text, Duration{}, kLongestDelay);
    if (!delay) return because(delay.error());
    options.delay = *delay;
    return {};
  };
  const auto said = [&options] {
    return options.delay ? OptionValue::Texts{in_seconds(*options.delay)} : OptionValue::Texts{};
  };
  return {take, "0 to " + in_seconds(kLongestDelay), in_seconds(ListenerConfig{}.delay),
          JsonForm::number, said};
}

OptionValue foreign_destination(ListenerOptions& options) {
  const auto take = [&all = options.hear](std::string_view text) -> Result<void> {
    std::string_view place = text;
    const auto use = take_key(place);
    if (!use) return because(use.error());
    const auto to = parse_destination(place);
    if (!to) return because(to.error());
    return add_destination({*to, *use}, text, all);
  };
  const auto said = [&all = options.hear] {
    OptionValue::Texts texts;
    for (const KeyedEndpoint& to : all) texts.push_back(to_string(to) + key_text(to.mac));
    return texts;
  };
  return {take, {}, {}, JsonForm::text, said};
}

OptionValue clock_kind(ClockChoice& clock) {
  const auto take = [&clock](std::string_view text) -> Result<void> {
    const auto choice = parse_clock(text);
    if (!choice) return because(choice.error());
    clock = *choice;
    return {};
  };
  return {take, {}, to_string(ClockChoice{}), JsonForm::text, [&clock] {
            return OptionValue::Texts{to_string(clock)};
          }};
}

// Of what may be without one.
OptionValue limit(std::optional<Duration>& limit, Duration least, Duration most,
                  std::string without) {
  const auto take = [&limit, least, most](std::string_view text) -> Result<void> {
    const auto span = parse_seconds(text, least, most);
    if (!span) return because(span.error());
    limit = *span;
    return {};
  };
  const auto said = [&limit] {
    return limit ? OptionValue::Texts{in_seconds(*limit)} : OptionValue::Texts{};
  };
  return {take, in_seconds(least) + " to " + in_seconds(most), std::move(without), JsonForm::number,
          said};
}

OptionValue slew_limit(FrequencyPpb& limit) {
  const auto take = [&limit](std::string_view text) -> Result<void> {
    const auto ppm = parse_whole_number(text, 1, kLargestSlewPpm);
    if (!ppm) return because(ppm.error());
    limit = FrequencyPpb{static_cast<double>(*ppm) * 1'000.0};
    return {};
  };
  const auto said = [&limit] {
    return OptionValue::Texts{std::to_string(std::lround(limit.count_ppb() / 1'000.0))};
  };
  return {take, "1 to " + std::to_string(kLargestSlewPpm), said().front(), JsonForm::number, said};
}

std::vector<Option> clock_options(ListenerOptions& options) {
  return {
      {"--clock", "KIND",
       "what to do with the time: none (measure and report), kernel (discipline this host's "
       "clock), "
       "chrony:PATH (feed chronyd, by its SOCK refclock), ntp-shm:UNIT (feed ntpd or chronyd by "
       "shared memory), auto (what suits this host: it says what, and why)",
       clock_kind(options.clock), false, InFile::at_start},
      {"--step", "S",
       "step the clock whenever the announcer confirms that it is further off than that; without, "
       "only what is off by more than 0.1 s when the delay has just been measured",
       limit(options.clock_policy.step_over, kLeastStep, kLargestStep, "never"), false,
       InFile::at_start},
      {"--max-slew", "PPM", "how fast an offset is slewed away, in parts per million",
       slew_limit(options.clock_policy.max_slew), false, InFile::at_start},
      {"--trust-listening", "",
       "call the clock synchronised also while only listening vouches for it",
       flag(options.clock_policy.trust_tentative), false, InFile::at_start},
      state_directory_option(options.state_directory, kKept),
  };
}

Option json_option(ListenerOptions& options, const char* what = "answer by one line of JSON") {
  return {"--json", "", what, flag(options.json), false, InFile::never};
}

constexpr const char* kDoctorLines = "print a line of JSON for each finding, and for what there is";

std::vector<Option> query_options(ListenerOptions& options) {
  return {
      {"--port", "N", "port of the server", whole_number<std::uint16_t>(options.query_port, 1)},
      {"--hex", "", "show the octets of all packets once more, sixteen a line", flag(options.hex)},
      {"--format", "STRFTIME", "print the server's time alone, as local time by strftime(3)",
       text(options.format)},
      {"--json", "", "a line of JSON for each packet, and one with what they say",
       flag(options.json)},
  };
}

Option file_option(ListenerInvocation& invocation) {
  return settings_option(invocation.settings_file, "listener");
}

OptionValue expected_announcer(ListenerOptions& options) {
  const auto take = [&expected = options.expected](std::string_view text) -> Result<void> {
    const auto place = parse_endpoint(text, kPrecisePort);
    if (!place) return because(unfit(text, "is no address, with or without a port"));
    expected = *place;
    return {};
  };
  const auto said = [&expected = options.expected] {
    return expected ? OptionValue::Texts{to_string(*expected)} : OptionValue::Texts{};
  };
  return {take, {}, "the one that the listener knows", JsonForm::text, said};
}

std::vector<Option> keys_options(ListenerInvocation& invocation) {
  ListenerOptions& options = invocation.options;
  return {
      file_option(invocation),   signatures_option(options),
      keys_file_option(options), state_directory_option(options.state_directory, kKept),
      json_option(options),
  };
}

std::vector<Option> doctor_options(ListenerInvocation& invocation) {
  ListenerOptions& options = invocation.options;
  return {
      file_option(invocation),
      interface_option(options.interfaces, "look at"),
      group_option(options.group4, options.group6),
      port_option(options.port),
      {"--seconds", "S", "how long to listen",
       seconds(options.listen_for, kShortestListening, kLongestListening), false, InFile::never},
      {"--announcer", "DEST", "an announcer that should be heard, ADDR[:PORT]: ask it if none is",
       expected_announcer(options), false, InFile::never},
      socket_option(options.socket, kProgram),
      json_option(options, kDoctorLines),
  };
}

std::vector<Option> run_options(ListenerInvocation& invocation) {
  ListenerOptions& options = invocation.options;
  std::vector<Option> all = {
      file_option(invocation),
      interface_option(options.interfaces, "listen on"),
      group_option(options.group4, options.group6),
      port_option(options.port),
      {"--hear", "DEST",
       "hear senders that sign nothing here too (ntpd, chrony, appliances): a group or a broadcast "
       "address, ADDR[:PORT], port 123 if none is named; ,key=ID behind it: only with a MAC by "
       "that symmetric key of --keys",
       foreign_destination(options), true},
      signatures_option(options),
      keys_file_option(options),
      {"--listen-only", "",
       "never ask: the delay stays assumed, and how late announcements are has no limit",
       flag(options.listen_only)},
      {"--delay", "S", "one-way delay in seconds to assume until it is measured", delay(options)},
      {"--max-bound", "S", "error bound in seconds beyond which there is no time to speak of",
       seconds(options.max_bound, kLeastBound, kLargestBound)},
      socket_option(options.socket, kProgram),
      {"--textfile", "FILE",
       "write what is known here every ten seconds, for node_exporter's textfile collector, which "
       "reads what is called *.prom",
       text(options.textfile)},
      {"--json", "", "print the estimate once a second, and changes of state, as lines of JSON",
       flag(options.json), false, InFile::never},
  };
  std::vector<Option> clock = clock_options(options);
  all.insert(all.begin() + 1, std::make_move_iterator(clock.begin()),
             std::make_move_iterator(clock.end()));
  return all;
}

OptionValue each_group(std::vector<Address>& out) {
  const auto take = [&out](std::string_view text) -> Result<void> {
    const auto address = parse_group_or_broadcast(text);
    if (!address) return because(address.error());
    out.push_back(*address);
    return {};
  };
  return {take, {}, "those of both streams"};
}

OptionValue each_port(std::vector<std::uint16_t>& out) {
  const auto take = [&out](std::string_view text) -> Result<void> {
    std::uint16_t port = 0;
    auto taken = whole_number<std::uint16_t>(port, 1).take(text);
    if (taken) out.push_back(port);
    return taken;
  };
  return {take, "1 to 65535", "those of both streams"};
}

std::vector<Option> wait_options(ListenerInvocation& invocation) {
  ListenerOptions& options = invocation.options;
  return {file_option(invocation),
          {"--set", "", "then set this host's clock, unless it is off by less than the error",
           flag(options.set), false, InFile::never},
          {"--timeout", "S", "seconds after which to give up",
           seconds(options.timeout, Duration{}, kLongestWait)},
          {"--within", "S", "and wait until this host's clock is off by no more than that",
           limit(options.within, kLeastStep, kLongestWait, "any"), false, InFile::never},
          socket_option(options.socket, kProgram),
          json_option(options)};
}

std::vector<Option> watch_options(ListenerOptions& options) {
  return {
      {"--group", "ADDR",
       "only this multicast group or IPv4 broadcast address, whatever is sent to it",
       each_group(options.watch.groups), true},
      {"--port", "N", "only this port", each_port(options.watch.ports), true},
      interface_option(options.interfaces, "listen on"),
      {"--hex", "", "show each packet in hex, field by field", flag(options.hex)},
      {"--replay", "PCAP", "show what is in a recording (tcpdump -w PCAP); - is standard input",
       text(options.watch.replay)},
      {"--json", "", "print lines of JSON", flag(options.json)},
  };
}

// What single options cannot know of each other.

Result<void> check_clock(const ListenerOptions& options) {
  const ClockKind clock = options.clock.kind;
  const bool steers = clock == ClockKind::kernel || clock == ClockKind::automatic;
  if (options.clock_policy.step_over && !steers) {
    return because(Error{"--step: means nothing with --clock " + to_string(options.clock) +
                         "; choose --clock kernel"});
  }
  if (options.clock_policy.step_over && options.listen_only) {
    return because(
        Error{"--step: means nothing with --listen-only: nobody confirms; leave one out"});
  }
  if (options.clock_policy.trust_tentative && clock == ClockKind::none) {
    return because(Error{"--trust-listening: means nothing with --clock none; choose another"});
  }
  return {};
}

Result<void> check(const ListenerOptions& options) {
  if (options.signatures == SignatureMode::pinned && !trusted_keys_file(options)) {
    return because(Error{"--signatures: pinned needs keys; name their file with --keys"});
  }
  const auto keyed = first_keyed(options.hear);
  if (keyed && !options.keys_file) {
    return because(Error{"--hear: " + to_string(*keyed) + key_text(keyed->mac) +
                         " names a key; say where that is with --keys FILE"});
  }
  if (options.signatures == SignatureMode::off && options.keys_file && !keyed) {
    return because(Error{"--keys: means nothing with --signatures off; leave one out"});
  }
  if (options.keys_file && !keyed && trusted_keys_file(options) != options.keys_file) {
    return because(Error{"--keys: " + *options.keys_file +
                         " has symmetric keys alone, and no --hear names one with ,key=ID"});
  }
  if (auto fits = check_clock(options); !fits) return fits;
  if (options.format && options.hex) {
    return because(Error{"--format: contradicts --hex; leave one out"});
  }
  if (options.watch.replay && !options.interfaces.empty()) {
    return because(Error{"--interface: means nothing with --replay; leave one out"});
  }
  if (options.format && options.json) {
    return because(Error{"--format: contradicts --json; leave one out"});
  }
  return {};
}

CommandLine command_line(ListenerInvocation& invocation) {
  ListenerOptions& options = invocation.options;
  const auto choose = [&invocation](ListenerCommand command) {
    return [&invocation, command] { invocation.command = command; };
  };
  return {
      kProgram,
      TIMECAST_VERSION,
      "Hears announcements of the time on the LAN, and says what time it is, how well that is "
      "known, and why.",
      "Exit status: 0 done, 1 failed (of doctor: there are findings), 2 bad command line, 3 bad "
      "settings.",
      {
          {"run", "listen and measure (the default)", choose(ListenerCommand::run),
           run_options(invocation)},
          {"watch", "show all that is announced, and raise alarms", choose(ListenerCommand::watch),
           watch_options(options)},
          {"query", "ask one NTP server, and show the packets sent and received",
           choose(ListenerCommand::query), query_options(options),
           Operand{"HOST", "name or address of the server", text(options.host)}},
          {"wait", "print the time once the running listener has it, with a bound that holds",
           choose(ListenerCommand::wait), wait_options(invocation)},
          {"now",
           "the time, by the running listener, and how well it is known",
           choose(ListenerCommand::now),
           {file_option(invocation),
            socket_option(options.socket, kProgram),
            {"--format", "STRFTIME", "print the local time alone, as strftime(3) does",
             text(options.format)},
            json_option(options)}},
          {"status",
           "what the running listener says of itself",
           choose(ListenerCommand::status),
           {file_option(invocation), socket_option(options.socket, kProgram),
            json_option(options)}},
          {"keys list", "whose announcements count", choose(ListenerCommand::keys_list),
           keys_options(invocation)},
          {"keys add", "trust one more key", choose(ListenerCommand::keys_add),
           keys_options(invocation),
           Operand{"KEY", "as `timecast-announcer key show` prints it", text(options.key)}},
          {"keys forget", "trust a key no longer, nor those that it endorses",
           choose(ListenerCommand::keys_forget), keys_options(invocation),
           Operand{"KEY", "as `keys list` shows it", text(options.key)}},
          {"doctor", "why this host has not the time, and the way out",
           choose(ListenerCommand::doctor), doctor_options(invocation)},
          {"print-settings", "the settings that hold, as a settings file with comments",
           choose(ListenerCommand::print_settings), run_options(invocation)},
      },
      [&options] { return check(options); },
      settings_file_place("listener"),
      &invocation.filed};
}

}  // namespace

Expected<ListenerInvocation, Farewell> parse_listener_command_line(int argc,
                                                                   const char* const* argv) {
  ListenerInvocation invocation;
  const auto taken = parse(command_line(invocation), argc, argv);
  if (!taken) return because(taken.error());
  return invocation;
}

Result<ListenerInvocation> parse_listener_settings_again(int argc, const char* const* argv) {
  ListenerInvocation invocation;
  const auto taken = parse_again(command_line(invocation), argc, argv);
  if (!taken) return because(taken.error());
  return invocation;
}

Error start_error(const Error& error, const ListenerInvocation& invocation) {
  // No other bad setting has a reason of the system's.
  const bool is_of_keys = error.exit_code == kExitBadSettings && error.errno_value != 0;
  if (!is_of_keys) return error;
  return said_error(error, "--keys", invocation.settings_file, invocation.filed);
}

// A table knows the variables' values when it was made as those that hold without a word.

std::string settings_text(ListenerInvocation invocation) {
  ListenerInvocation shown;
  const CommandLine line = command_line(shown);
  shown = std::move(invocation);
  return settings_text(line);
}

std::string settings_changes(const ListenerOptions& before, const ListenerOptions& after,
                             InFile when) {
  ListenerInvocation was{ListenerCommand::run, before, {}};
  ListenerInvocation is{ListenerCommand::run, after, {}};
  return settings_changes(command_line(was), command_line(is), when);
}

}  // namespace timecast
