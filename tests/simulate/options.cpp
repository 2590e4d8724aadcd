// SPDX-License-Identifier: MIT
#include "tests/simulate/options.hpp"

#include <algorithm>
#include <thread>

#include "common/host/command_line.hpp"
#include "common/host/nearest_word.hpp"

namespace timecast::simulate {
namespace {

constexpr std::string_view kScenarioOption = "--scenario";

OptionValue number_or_none(std::optional<int>& out, std::uint64_t most, std::string standard) {
  const auto take = [&out, most](std::string_view text) -> Result<void> {
    const auto number = parse_whole_number(text, 1, most);
    if (!number) return because(number.error());
    out = static_cast<int>(*number);
    return {};
  };
  return {take, "1 to " + std::to_string(most), std::move(standard)};
}

OptionValue interval_or_none(std::optional<Duration>& out) {
  const auto take = [&out](std::string_view text) -> Result<void> {
    const auto parsed = parse_seconds(text, Duration::milliseconds(125), Duration::seconds(1'024));
    if (!parsed) return because(parsed.error());
    out = *parsed;
    return {};
  };
  return {take, "0.125 to 1024", "1"};
}

OptionValue each_scenario(std::vector<std::string>& out, const std::vector<std::string>& names) {
  const auto take = [&out, &names](std::string_view text) -> Result<void> {
    const std::vector<std::string_view> known{names.begin(), names.end()};
    if (std::find(known.begin(), known.end(), text) == known.end()) {
      return because(unfit(text, "is no scenario" + suggestion(text, known)));
    }
    out.emplace_back(text);
    return {};
  };
  std::string list;
  for (const std::string& name : names) list += (list.empty() ? "" : ", ") + name;
  return {take, list, "A to H"};
}

CommandLine command_line(Options& options, const std::vector<std::string>& names) {
  return {
      "timecast-simulate",
      TIMECAST_VERSION,
      "Runs both cores on simulated clocks and networks, and shows how accurate the steered "
      "clock is beside what others reach. Scenarios may be named without an option: "
      "timecast-simulate A B.",
      "Exit status: 0 done, 1 a goal was missed or nothing could be written, 2 bad command "
      "line.",
      {{"run",
        "run scenarios (the default)",
        [] {},
        {{kScenarioOption, "NAME", "run this scenario", each_scenario(options.scenarios, names),
          true},
         {"--all", "", "run those of timecast's own as well", flag(options.all)},
         {"--seeds", "N", "runs of each scenario, with the seeds 1 to N",
          number_or_none(options.seeds, 1'000, "10; of floor-B 40, of E 50")},
         {"--hours", "H", "simulated hours of each run",
          number_or_none(options.hours, 240, "12; of E and F 6")},
         {"--threads", "N", "runs at a time", whole_number(options.threads, 1U, 64U)},
         {"--interval", "S", "seconds between announcements", interval_or_none(options.interval)},
         {"--json", "", "print lines of JSON", flag(options.json)},
         {"--svg", "FOLDER", "write plots of A, B, E and F there", text(options.svg_folder)},
         {"--markdown", "FILE", "write the tables there, too", text(options.markdown_file)}}}},
      [&options]() -> Result<void> {
        if (!options.all || options.scenarios.empty()) return {};
        return because(Error{"--all: contradicts a named scenario; leave one out"});
      }};
}

// A word that is neither an option nor the value of one names a scenario.
std::vector<std::string> with_named_scenarios(const CommandLine& line, int argc,
                                              const char* const* argv) {
  std::vector<std::string> words{argv, argv + argc};
  bool is_value = true;  // the program's name
  for (std::string& word : words) {
    const bool was_value = is_value;
    is_value = false;
    for (const Option& option : line.commands.front().options) {
      is_value = is_value || (option.takes_value() && option.name == word);
    }
    const bool is_command = word == line.commands.front().name;
    if (was_value || is_command || word.starts_with('-')) continue;
    word.insert(0, std::string{kScenarioOption} + '=');
  }
  return words;
}

}  // namespace

Expected<Options, Farewell> parse_options(const std::vector<std::string>& names, int argc,
                                          const char* const* argv) {
  Options options;
  options.threads = std::clamp(std::thread::hardware_concurrency(), 1U, 64U);
  const CommandLine line = command_line(options, names);
  const auto words = with_named_scenarios(line, argc, argv);
  std::vector<const char*> pointers;
  pointers.reserve(words.size());
  for (const std::string& word : words) pointers.push_back(word.c_str());
  const auto taken = parse(line, static_cast<int>(pointers.size()), pointers.data());
  if (!taken) return because(taken.error());
  return options;
}

}  // namespace timecast::simulate
