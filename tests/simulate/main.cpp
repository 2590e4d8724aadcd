// SPDX-License-Identifier: MIT
//
// timecast-simulate: how accurate the listener is, beside what others reach.
#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>

#include "common/host/standard_output.hpp"
#include "tests/simulate/options.hpp"
#include "tests/simulate/plots.hpp"
#include "tests/simulate/report.hpp"
#include "tests/simulate/runs.hpp"

namespace timecast::simulate {
namespace {

std::vector<sim::Scenario> chosen(const Options& options) {
  std::vector<sim::Scenario> out;
  for (sim::Scenario& each : sim::all_scenarios()) {
    const auto& names = options.scenarios;
    const bool is_named = std::find(names.begin(), names.end(), each.name) != names.end();
    if (!is_named && !(names.empty() && (options.all || !each.is_ours))) continue;
    each.seeds = options.seeds.value_or(each.seeds);
    each.hours = options.hours.value_or(each.hours);
    // The goals are for announcements every second.
    if (options.interval) each.goal = {};
    each.announcer.interval = options.interval.value_or(each.announcer.interval);
    out.push_back(std::move(each));
  }
  return out;
}

Result<void> write(const std::filesystem::path& path, const std::string& text) {
  std::ofstream file{path};
  if (file << text && file.flush()) return {};
  return because(system_error("cannot write " + path.string(), errno));
}

Result<void> write_plots(const std::string& folder, const std::vector<Outcome>& outcomes) {
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  for (const Outcome& each : outcomes) {
    if (!is_plotted(each.scenario)) continue;
    const auto path = std::filesystem::path{folder} / ("scenario-" + each.scenario.name + ".svg");
    if (auto done = write(path, as_svg(plot_of(each))); !done) return done;
  }
  return {};
}

std::string markdown(const std::vector<Table>& tables) {
  std::string out =
      "# Tables\n\n"
      "Made by `scripts/bench accuracy --all --markdown docs/accuracy-tables.md --svg "
      "docs/accuracy`;\n"
      "what they mean is in [accuracy.md](accuracy.md).\n";
  for (const Table& each : tables) out += "\n" + as_markdown(each);
  return out;
}

Result<void> write_files(const Options& options, const std::vector<Outcome>& outcomes,
                         const std::vector<Table>& tables) {
  if (options.markdown_file) {
    if (auto done = write(*options.markdown_file, markdown(tables)); !done) return done;
  }
  return options.svg_folder ? write_plots(*options.svg_folder, outcomes) : Result<void>{};
}

std::string in_words(const std::vector<Table>& tables, const std::vector<Verdict>& verdicts,
                     double duration_s) {
  std::string out;
  for (const Table& each : tables) out += as_text(each) + '\n';
  const auto missed =
      std::count_if(verdicts.begin(), verdicts.end(), [](const Verdict& v) { return !v.passed(); });
  return out + std::to_string(static_cast<int>(verdicts.size()) - missed) + " goals passed, " +
         std::to_string(missed) + " missed, in " + in_three_digits(duration_s) + " s\n";
}

int simulate(const Options& options) {
  std::vector<Outcome> outcomes;
  double duration_s = 0;
  {
    Progress progress;
    outcomes = run_all(chosen(options), options.threads, options.svg_folder.has_value(), progress);
    duration_s = progress.seconds();
  }
  std::vector<Verdict> verdicts;
  for (const Outcome& each : outcomes) {
    for (Verdict& verdict : verdicts_on(each)) verdicts.push_back(std::move(verdict));
  }
  std::vector<Table> tables = tables_of(outcomes);
  if (!verdicts.empty()) tables.push_back(verdict_table(verdicts));
  if (const auto done = write_files(options, outcomes, tables); !done) return fail(done.error());
  const std::string text =
      options.json ? json_lines(outcomes, verdicts) : in_words(tables, verdicts, duration_s);
  if (const int status = print(text); status != 0) return status;
  const bool all_passed =
      std::all_of(verdicts.begin(), verdicts.end(), [](const Verdict& v) { return v.passed(); });
  return all_passed ? 0 : kExitFailed;
}

}  // namespace
}  // namespace timecast::simulate

int main(int argc, char** argv) {
  using namespace timecast;
  keep_standard_streams();
  std::vector<std::string> names;
  for (const sim::Scenario& each : sim::all_scenarios()) names.push_back(each.name);
  const auto options = simulate::parse_options(names, argc, argv);
  return options ? simulate::simulate(*options) : say(options.error());
}
