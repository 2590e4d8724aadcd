// SPDX-License-Identifier: MIT
#include "tests/simulate/report.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "tests/simulate/peers.hpp"

namespace timecast::simulate {
namespace {

using Row = std::vector<std::string>;

std::string number(double value) { return in_three_digits(value); }
std::string number(Figure value) { return value ? in_three_digits(*value) : ""; }
std::string goal(double value) { return value > 0 ? in_three_digits(value) : ""; }
// "0.29 (0.85)"; nothing if the first is not known.
std::string both(const std::string& first, const std::string& second) {
  return first.empty() || second.empty() ? first : first + " (" + second + ")";
}
std::string both(const Peer& peer) { return both(number(peer.rms_us), number(peer.p99_us)); }
std::string seconds(Figure value) { return value ? in_three_digits(*value) : "never"; }
std::string times(const sim::Summary::Times& t) {
  return both(seconds(t.median), seconds(t.worst));
}

// "5 / 190", as far as it was measured.
std::string listed(const std::array<Figure, sim::kLimitsUs.size()>& figures) {
  std::string out;
  for (const Figure& each : figures) {
    if (each) out += (out.empty() ? "" : " / ") + in_three_digits(*each);
  }
  return out;
}

std::string titled(const sim::Scenario& scenario) { return scenario.name + "  " + scenario.title; }

Table error_table(const std::vector<Outcome>& outcomes) {
  Table table{
      "Error of the steered clock in us: RMS (p99)",
      {"", "timecast", "worst seed", "must", "aim", "linear", "chronyd", "tuned", "ntpd", "floor"},
      {},
      std::string{kPeersSource} +
          " Linear: a Kalman filter that is told the noise and the "
          "wander, over the same packets. Must, aim: our goals."};
  for (const Outcome& o : outcomes) {
    const Peers peers = peers_on(o.scenario.name, o.scenario.announcer.interval);
    const sim::Run& pooled = o.summary.pooled;
    const sim::Goal& g = o.scenario.goal;
    table.rows.push_back(
        {titled(o.scenario), both(number(pooled.error.rms()), number(pooled.error.quantile(0.99))),
         number(o.summary.worst_seed_rms_us), both(goal(g.rms_us), goal(g.p99_us)),
         both(goal(g.aim_rms_us), goal(g.aim_p99_us)), number(pooled.linear.root()),
         both(peers.chronyd), both(peers.chronyd_tuned), both(peers.ntpd), both(peers.floor)});
  }
  return table;
}

Table rate_table(const std::vector<Outcome>& outcomes) {
  Table table{
      "RMS error of the clock's rate in ppb, slews included; what the listener says of itself",
      {"", "rate", "must", "chronyd", "tuned", "ntpd", "error_s / error", "outside error_s",
       "outside bound_s", "queries an hour"},
      {}};
  for (const Outcome& o : outcomes) {
    const Peers peers = peers_on(o.scenario.name, o.scenario.announcer.interval);
    const sim::Run& pooled = o.summary.pooled;
    const double known = std::max(pooled.seconds_known, 1);
    table.rows.push_back(
        {titled(o.scenario), number(pooled.rate_ppb.root()), goal(o.scenario.goal.rate_ppb),
         number(peers.chronyd.rate_ppb), number(peers.chronyd_tuned.rate_ppb),
         number(peers.ntpd.rate_ppb), number(pooled.claimed.root() / pooled.error.rms()),
         number(100 * pooled.errors_broken / known) + " %",
         std::to_string(pooled.bounds_broken) + " s", number(3'600 * pooled.queries / known)});
  }
  return table;
}

Table start_table(const std::vector<Outcome>& outcomes) {
  Table table{
      "Seconds from the first announcement until the clock is for a minute within: median "
      "(worst seed)",
      {"", "1 ms", "100 us", "10 us", "must", "aim", "chronyd", "tuned", "ntpd"},
      {},
      "The others: within 1 ms / 100 us / 10 us, as far as they get."};
  for (const Outcome& o : outcomes) {
    const Peers peers = peers_on(o.scenario.name, o.scenario.announcer.interval);
    const sim::Goal& g = o.scenario.goal;
    const auto limited = [&](double s) {
      return s > 0 ? number(g.cold_limit_us) + " us: " + number(s) : "";
    };
    table.rows.push_back({titled(o.scenario), times(o.summary.cold[0]), times(o.summary.cold[1]),
                          times(o.summary.cold[2]), limited(g.cold_s), limited(g.aim_cold_s),
                          listed(peers.chronyd.cold_s), listed(peers.chronyd_tuned.cold_s),
                          listed(peers.ntpd.cold_s)});
  }
  return table;
}

Table holdover_table(const Outcome& o) {
  Table table{
      "Holdover, " + o.scenario.name + ": RMS error over the seeds in us after so long a silence",
      {"seconds", "timecast", "oracle", "ratio", "chronyd", "ntpd", "floor"},
      {},
      "Oracle: a clock on the same oscillator whose phase and rate were known at the loss."};
  const Peers peers = peers_on(o.scenario.name, o.scenario.announcer.interval);
  for (std::size_t i = 0; i < o.summary.holdover.size(); ++i) {
    const sim::Holdover& h = o.summary.holdover[i];
    table.rows.push_back({std::to_string(sim::kHoldoverSeconds[i]), number(h.error_us),
                          number(h.oracle_us), number(h.error_us / h.oracle_us),
                          number(peers.chronyd.holdover_us[i]), number(peers.ntpd.holdover_us[i]),
                          number(peers.floor.holdover_us[i])});
  }
  return table;
}

Table step_table(const Outcome& o) {
  Table table{"Step of the server by 50 ms, " + o.scenario.name +
                  ": seconds until within, median (worst seed)",
              {"", "timecast's clock", "its estimate", "chronyd", "ntpd"},
              {}};
  const Peers peers = peers_on(o.scenario.name, o.scenario.announcer.interval);
  for (std::size_t i = 0; i < sim::kLimitsUs.size(); ++i) {
    table.rows.push_back({number(sim::kLimitsUs[i]) + " us", times(o.summary.after_step[i]),
                          times(o.summary.estimate_after_step[i]),
                          number(peers.chronyd.after_step_s[i]),
                          number(peers.ntpd.after_step_s[i])});
  }
  return table;
}

}  // namespace

std::vector<Table> tables_of(const std::vector<Outcome>& outcomes) {
  std::vector<Table> tables{error_table(outcomes), rate_table(outcomes), start_table(outcomes)};
  for (const Outcome& o : outcomes) {
    if (!o.summary.holdover.empty()) tables.push_back(holdover_table(o));
    if (o.scenario.stepped_at) tables.push_back(step_table(o));
  }
  return tables;
}

Table verdict_table(const std::vector<Verdict>& verdicts) {
  Table table{"Goals", {"", "what", "reached", "at most", ""}, {}};
  for (const Verdict& v : verdicts) {
    table.rows.push_back({v.scenario, v.what, in_three_digits(v.value), in_three_digits(v.most),
                          v.passed() ? "passed" : "MISSED"});
  }
  return table;
}

}  // namespace timecast::simulate
