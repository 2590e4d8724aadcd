// SPDX-License-Identifier: MIT
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "tests/simulation/score.hpp"

int main(int argc, char** argv) {
  using namespace timecast::sim;
  for (const Scenario& scenario : all_scenarios()) {
    if (argc > 1 && scenario.name != argv[1]) continue;
    std::vector<Run> runs;
    const int seeds = argc > 2 ? std::atoi(argv[2]) : 2;
    for (int seed = 1; seed <= seeds; ++seed) {
      RunOptions options;
      options.seed = static_cast<std::uint64_t>(seed);
      if (argc > 3) options.hours = std::atoi(argv[3]);
      runs.push_back(run(scenario, options));
    }
    const Summary s = summary(runs);
    const auto t = [](std::optional<double> v) { return v.value_or(-1); };
    std::printf(
        "%-12s rms %8.3f p99 %8.2f max %9.1f worst seed %8.3f est %8.3f lin %8.3f rate %8.1f"
        " cold %.1f %.1f %.1f (%.1f %.1f %.1f) err>%d/%d bound>%d/%d ratio %.1f q %u\n",
        scenario.name.c_str(), s.pooled.error.rms(), s.pooled.error.quantile(0.99),
        s.pooled.error.quantile(1), s.worst_seed_rms_us, s.pooled.estimate.rms(),
        s.pooled.linear.rms(), s.pooled.rate_ppb.rms(), t(s.cold[0].median), t(s.cold[1].median),
        t(s.cold[2].median), t(s.cold[0].worst), t(s.cold[1].worst), t(s.cold[2].worst),
        s.pooled.errors_broken, s.pooled.seconds_known, s.pooled.bounds_broken,
        s.pooled.seconds_bounded, s.pooled.claimed.rms() / s.pooled.error.rms(), s.pooled.queries);
    if (scenario.stepped_at) {
      std::printf("   step: clock %.0f %.0f %.0f estimate %.0f %.0f %.0f\n",
                  t(s.after_step[0].median), t(s.after_step[1].median), t(s.after_step[2].median),
                  t(s.estimate_after_step[0].median), t(s.estimate_after_step[1].median),
                  t(s.estimate_after_step[2].median));
    }
    for (const Holdover& h : s.holdover) {
      std::printf("   holdover %.2f oracle %.2f ratio %.3f\n", h.error_us, h.oracle_us,
                  h.error_us / h.oracle_us);
    }
  }
}
