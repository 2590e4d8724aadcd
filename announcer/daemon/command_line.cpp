// SPDX-License-Identifier: MIT
#include "announcer/daemon/command_line.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <limits>

#include "common/host/common_options.hpp"
#include "common/host/settings_file.hpp"
#include "common/host/socket_address.hpp"

namespace timecast {

namespace {

constexpr const char* kProgram = "timecast-announcer";
constexpr Duration kLeastInterval = Duration::milliseconds(125);
constexpr Duration kLongestInterval = Duration::seconds(1024);
constexpr Duration kIntervalUnit = Duration::milliseconds(1);  // that announcements can tell
constexpr Duration kShortestListening = Duration::milliseconds(100);
constexpr Duration kLongestListening = Duration::seconds(3600);
constexpr double kSlowestRate = 0.001;
constexpr double kFastestRate = 100'000;

OptionValue interval(AnnouncerOptions& options) {
  OptionValue value = seconds(options.interval, kLeastInterval, kLongestInterval);
  value.take = [&options, take = value.take](std::string_view text) -> Result<void> {
    if (auto taken = take(text); !taken) return taken;
    if (options.interval.count_ns() % kIntervalUnit.count_ns() == 0) return {};
    return because(unfit(text, "is no whole number of milliseconds"));
  };
  return value;
}

constexpr Endpoint kUsualPlain{kPlainGroup4, kPlainPort, 0};

// The usual one is there from the start, and may be given a key.
Result<void> take_plain(std::vector<KeyedEndpoint>& all, std::string_view text) {
  const auto to = parse_plain_destination(text);
  if (!to) return because(to.error());
  const bool is_usual = static_cast<const Endpoint&>(*to) == kUsualPlain;
  if (!is_usual || all.front().mac.key != 0) return add_destination(*to, text, all);
  all.front() = *to;
  return {};
}

OptionValue::Texts said_plain(const std::vector<KeyedEndpoint>& all) {
  OptionValue::Texts texts;
  for (const KeyedEndpoint& to : all) {
    if (to == KeyedEndpoint{kUsualPlain}) continue;
    texts.push_back(destination_text(to) + key_text(to.mac));
  }
  return texts;
}

OptionValue plain_destination(AnnouncerOptions& options) {
  auto& all = options.plain_destinations;
  return {[&all](std::string_view text) { return take_plain(all, text); },
          {},
          {},
          JsonForm::text,
          [&all] { return said_plain(all); }};
}

// Both --stratum and --island can say it, one alone may.
Result<void> take_stratum(AnnouncerOptions& options, std::string_view text) {
  const auto stratum = parse_whole_number(text, 1, kMaxStratum);
  if (!stratum) return because(stratum.error());
  if (options.stratum) {
    return because(Error{"--island and --stratum both name a stratum; leave one out"});
  }
  options.stratum = static_cast<std::uint8_t>(*stratum);
  return {};
}

OptionValue stratum(AnnouncerOptions& options) {
  const auto take = [&options](std::string_view text) { return take_stratum(options, text); };
  const auto said = [&options] {
    return options.stratum ? OptionValue::Texts{std::to_string(*options.stratum)}
                           : OptionValue::Texts{};
  };
  return {take, "1 to " + std::to_string(kMaxStratum),
          std::to_string(kForwardedStratum) + ", on an island " + std::to_string(kIslandStratum),
          JsonForm::number, said};
}

OptionValue island(AnnouncerOptions& options) {
  const auto take = [&options](std::string_view text) -> Result<void> {
    options.island = true;
    return text.empty() ? Result<void>{} : take_stratum(options, text);
  };
  // A stratum is said by its own option.
  const auto said = [&options] { return OptionValue::Texts(options.island ? 1 : 0); };
  return {take, {}, {}, JsonForm::number, said};
}

OptionValue allowed_network(AnnouncerOptions& options) {
  const auto take = [&options](std::string_view text) -> Result<void> {
    const auto prefix = parse_prefix(text);
    if (!prefix) return because(prefix.error());
    options.allow.push_back(*prefix);
    return {};
  };
  const auto said = [&options] {
    OptionValue::Texts texts;
    for (const Prefix& prefix : options.allow) texts.push_back(to_string(prefix));
    return texts;
  };
  return {take, {}, "the links of this host", JsonForm::text, said};
}

// The shortest number whose spacing is this one.
std::string rate_text(Duration spacing) {
  constexpr int kMostDigits = std::numeric_limits<double>::max_digits10;
  std::array<char, 32> text{};
  const double rate = 1 / spacing.to_seconds();
  for (int digits = 1; digits <= kMostDigits; ++digits) {
    static_cast<void>(std::snprintf(text.data(), text.size(), "%.*g", digits, rate));
    const double shorter = parse_decimal(text.data()).value_or(0);
    if (shorter > 0 && Duration::from_seconds(1 / shorter) == spacing) break;
  }
  return text.data();
}

OptionValue rate_limit(AnnouncerOptions& options) {
  const auto take = [&limit = options.rate_limit](std::string_view text) -> Result<void> {
    limit.enabled = text != "off";
    if (!limit.enabled) return {};
    const double rate = parse_decimal(text).value_or(0);
    if (rate < kSlowestRate || rate > kFastestRate) {
      return because(unfit(text, "is neither off nor a number of 0.001 to 100000"));
    }
    limit.spacing = Duration::from_seconds(1 / rate);
    return {};
  };
  const auto said = [&limit = options.rate_limit] {
    return OptionValue::Texts{limit.enabled ? rate_text(limit.spacing) : "off"};
  };
  return {take, "0.001 to 100000, or off", "1", JsonForm::number_or_text, said};
}

constexpr const char* kKept = "where the key and the last sequence are kept";

Option json_option(AnnouncerOptions& options, const char* what = "answer by one line of JSON") {
  return {"--json", "", what, flag(options.json), false, InFile::never};
}

constexpr const char* kDoctorLines = "print a line of JSON for each finding, and for what there is";

Option c_option(AnnouncerOptions& options) {
  return {"--c", "",           "print it as an array of C, for firmware", flag(options.as_c),
          false, InFile::never};
}

Option file_option(AnnouncerInvocation& invocation) {
  return settings_option(invocation.settings_file, "announcer");
}

std::vector<Option> run_options(AnnouncerInvocation& invocation) {
  AnnouncerOptions& options = invocation.options;
  return {
      file_option(invocation),
      interface_option(options.interfaces, "announce by"),
      group_option(options.group4, options.group6),
      port_option(options.port),
      {"--interval", "S", "seconds between precise announcements", interval(options)},
      {"--plain", "DEST",
       "send the plain stream here as well as to " + to_string(options.plain_destinations.front()) +
           ": a group or a broadcast address, ADDR[:PORT], or broadcast[:PORT] for each "
           "interface's own; ,key=ID behind it has a MAC by that key of --keys on each packet",
       plain_destination(options), true},
      {"--no-plain", "", "send the precise stream alone, and leave port 123 alone",
       flag(options.plain, false)},
      {"--island", "[=STRATUM]",
       "this host's clock is the reference, whatever sets it: for a network without other time",
       island(options)},
      {"--stratum", "N",
       "stratum to announce; a higher one of who keeps this host's clock goes before it",
       stratum(options)},
      {"--allow", "CIDR", "answer this network too", allowed_network(options), true},
      {"--keys", "FILE",
       "symmetric keys, ntpd's or chrony's file: for destinations that name one, and to answer who "
       "asks with a MAC by one of them",
       text(options.keys_file)},
      {"--rate-limit", "RATE", "answers a second to one address, after a burst of 64",
       rate_limit(options)},
      state_directory_option(options.state_directory, kKept),
      socket_option(options.socket, kProgram),
      {"--json", "", "print each announcement and change as a line of JSON", flag(options.json),
       false, InFile::never},
  };
}

std::vector<Option> doctor_options(AnnouncerInvocation& invocation) {
  AnnouncerOptions& options = invocation.options;
  return {
      file_option(invocation),
      interface_option(options.interfaces, "look at"),
      group_option(options.group4, options.group6),
      port_option(options.port),
      {"--seconds", "S", "how long to listen",
       seconds(options.listen_for, kShortestListening, kLongestListening), false, InFile::never},
      state_directory_option(options.state_directory, kKept),
      socket_option(options.socket, kProgram),
      json_option(options, kDoctorLines),
  };
}

// What single options cannot know of each other.
Result<void> check(const AnnouncerOptions& options) {
  const auto& plain = options.plain_destinations;
  if (!options.plain && (plain.size() > 1 || plain.front().mac.key != 0)) {
    return because(Error{"--no-plain: contradicts --plain; leave one out"});
  }
  const auto keyed = first_keyed(plain);
  if (keyed && !options.keys_file) {
    return because(Error{"--plain: " + destination_text(*keyed) + key_text(keyed->mac) +
                         " names a key; say where that is with --keys FILE"});
  }
  const auto clashes = [&](const Endpoint& to) { return to.port == options.port; };
  if (options.plain && std::any_of(plain.begin(), plain.end(), clashes)) {
    return because(Error{"--port: " + std::to_string(options.port) +
                         " is a port of the plain stream; choose another, or say --no-plain"});
  }
  return {};
}

CommandLine command_line(AnnouncerInvocation& invocation) {
  AnnouncerOptions& options = invocation.options;
  const auto choose = [&invocation](AnnouncerCommand command) {
    return [&invocation, command] { invocation.command = command; };
  };
  return {
      kProgram,
      TIMECAST_VERSION,
      "Announces this host's time to the LAN: signed NTP broadcast packets (mode 5) to a multicast "
      "group once a second, and answers to NTP queries (mode 3).",
      "Exit status: 0 done, 1 failed (of doctor: there are findings), 2 bad command line, 3 bad "
      "settings.",
      {
          {"run", "announce and answer (the default)", choose(AnnouncerCommand::run),
           run_options(invocation)},
          {"status",
           "what the running announcer says of itself",
           choose(AnnouncerCommand::status),
           {file_option(invocation), socket_option(options.socket, kProgram),
            json_option(options)}},
          {"key show",
           "print the public key, the line that listeners trust",
           choose(AnnouncerCommand::key_show),
           {file_option(invocation), state_directory_option(options.state_directory, kKept),
            c_option(options)}},
          {"key new",
           "make a key where there is none, and print it",
           choose(AnnouncerCommand::key_new),
           {file_option(invocation), state_directory_option(options.state_directory, kKept)}},
          {"key renew",
           "make a new key that the old one endorses, so that listeners follow, and print it",
           choose(AnnouncerCommand::key_renew),
           {file_option(invocation), state_directory_option(options.state_directory, kKept)}},
          {"doctor", "why this announcer is not heard or believed, and the way out",
           choose(AnnouncerCommand::doctor), doctor_options(invocation)},
          {"print-settings", "the settings that hold, as a settings file with comments",
           choose(AnnouncerCommand::print_settings), run_options(invocation)},
      },
      [&options] { return check(options); },
      settings_file_place("announcer"),
      &invocation.filed};
}

}  // namespace

Expected<AnnouncerInvocation, Farewell> parse_announcer_command_line(int argc,
                                                                     const char* const* argv) {
  AnnouncerInvocation invocation;
  const auto taken = parse(command_line(invocation), argc, argv);
  if (!taken) return because(taken.error());
  return invocation;
}

Result<AnnouncerInvocation> parse_announcer_settings_again(int argc, const char* const* argv) {
  AnnouncerInvocation invocation;
  const auto taken = parse_again(command_line(invocation), argc, argv);
  if (!taken) return because(taken.error());
  return invocation;
}

// A table knows the variables' values when it was made as those that hold without a word.

std::string settings_text(AnnouncerInvocation invocation) {
  AnnouncerInvocation shown;
  const CommandLine line = command_line(shown);
  shown = std::move(invocation);
  return settings_text(line);
}

std::string settings_changes(const AnnouncerOptions& before, const AnnouncerOptions& after,
                             InFile when) {
  AnnouncerInvocation was{AnnouncerCommand::run, before, {}};
  AnnouncerInvocation is{AnnouncerCommand::run, after, {}};
  return settings_changes(command_line(was), command_line(is), when);
}

}  // namespace timecast
