// SPDX-License-Identifier: MIT
#include "tests/simulate/verdict.hpp"

#include <limits>

namespace timecast::simulate {
namespace {

constexpr double kMostErrorsBroken = 0.001;  // `error_s` promises 99.9 %
constexpr double kMostClaimed = 10;          // times what the error truly is
constexpr double kMostOverMedian = 4;        // the slowest seed
constexpr double kStepFollowedWithin = 5;    // seconds, within a millisecond
constexpr int kOracleShortS = 600;
constexpr int kOracleLongS = 7'200;

double or_never(std::optional<double> seconds) {
  return seconds.value_or(std::numeric_limits<double>::infinity());
}

std::size_t place_of(double limit_us) {
  std::size_t i = 0;
  while (i + 1 < sim::kLimitsUs.size() && sim::kLimitsUs[i] != limit_us) ++i;
  return i;
}

class Judge {
 public:
  explicit Judge(const Outcome& outcome) : scenario_{outcome.scenario}, summary_{outcome.summary} {}

  std::vector<Verdict> verdicts() {
    judge_error();
    judge_start();
    judge_promises();
    // Both goals are for announcements every second.
    const bool is_usual = scenario_.announcer.interval == Duration::seconds(1);
    if (is_usual) judge_holdover();
    if (is_usual && scenario_.stepped_at) {
      add("step followed to 1 ms, worst seed, s", or_never(summary_.after_step[0].worst),
          kStepFollowedWithin);
    }
    return std::move(verdicts_);
  }

 private:
  void add(std::string what, double value, double most) {
    verdicts_.push_back({scenario_.name, std::move(what), value, most});
  }

  void judge_error() {
    const sim::Run& pooled = summary_.pooled;
    const sim::Goal& goal = scenario_.goal;
    if (goal.rms_us > 0) add("RMS error, us", pooled.error.rms(), goal.rms_us);
    if (goal.p99_us > 0) add("p99 of the error, us", pooled.error.quantile(0.99), goal.p99_us);
    if (goal.rate_ppb > 0) add("RMS rate error, ppb", pooled.rate_ppb.root(), goal.rate_ppb);
    if (scenario_.is_ours) {
      add("RMS error, us, against a linear filter", pooled.error.rms(), pooled.linear.root());
    }
  }

  void judge_start() {
    const sim::Goal& goal = scenario_.goal;
    if (goal.cold_s <= 0) return;
    const auto limit = std::to_string(static_cast<int>(goal.cold_limit_us)) + " us";
    const sim::Summary::Times& times = summary_.cold[place_of(goal.cold_limit_us)];
    add("cold to " + limit + ", median seed, s", or_never(times.median), goal.cold_s);
    if (scenario_.name == "B") {
      add("cold to " + limit + ", worst seed, s", or_never(times.worst),
          kMostOverMedian * or_never(times.median));
    }
  }

  void judge_promises() {
    const sim::Run& pooled = summary_.pooled;
    add("share of seconds with the truth outside error_s",
        static_cast<double>(pooled.errors_broken) / std::max(pooled.seconds_known, 1),
        kMostErrorsBroken);
    add("seconds with the truth outside bound_s", pooled.bounds_broken, 0);
    if (scenario_.name == "A") {
      add("error_s against the true RMS error", pooled.claimed.root() / pooled.error.rms(),
          kMostClaimed);
    }
  }

  void judge_holdover() {
    for (std::size_t i = 0; i < summary_.holdover.size(); ++i) {
      const sim::Holdover& held = summary_.holdover[i];
      const double ratio = held.error_us / held.oracle_us;
      if (sim::kHoldoverSeconds[i] == kOracleShortS)
        add("RMS after 600 s against an oracle", ratio, 1.25);
      if (sim::kHoldoverSeconds[i] == kOracleLongS)
        add("RMS after 2 h against an oracle", ratio, 1.05);
    }
  }

  const sim::Scenario& scenario_;
  const sim::Summary& summary_;
  std::vector<Verdict> verdicts_;
};

}  // namespace

std::vector<Verdict> verdicts_on(const Outcome& outcome) { return Judge{outcome}.verdicts(); }

}  // namespace timecast::simulate
