// SPDX-License-Identifier: MIT
#include "common/host/host_clock.hpp"
#include "common/host/json_object.hpp"
#include "tests/simulate/report.hpp"

namespace timecast::simulate {
namespace {

void add_times(JsonObject& to, const char* key,
               const std::array<sim::Summary::Times, sim::kLimitsUs.size()>& times) {
  std::vector<JsonObject> list;
  for (std::size_t i = 0; i < times.size(); ++i) {
    JsonObject one;
    one.add("within_s", sim::kLimitsUs[i] / 1e6);
    times[i].median ? one.add("median_s", *times[i].median) : one.add_null("median_s");
    times[i].worst ? one.add("worst_s", *times[i].worst) : one.add_null("worst_s");
    list.push_back(std::move(one));
  }
  to.add(key, std::move(list));
}

void add_holdover(JsonObject& to, const std::vector<sim::Holdover>& holdover) {
  std::vector<JsonObject> list;
  for (std::size_t i = 0; i < holdover.size(); ++i) {
    JsonObject one;
    one.add("after_s", sim::kHoldoverSeconds[i])
        .add("rms_s", holdover[i].error_us * 1e-6)
        .add("oracle_rms_s", holdover[i].oracle_us * 1e-6);
    list.push_back(std::move(one));
  }
  to.add("holdover", std::move(list));
}

std::string line_of(const Outcome& o, Timestamp<Realtime> now) {
  const sim::Run& pooled = o.summary.pooled;
  JsonObject line = JsonObject::line("scenario", now);
  line.add("scenario", o.scenario.name)
      .add("seeds", o.summary.seeds)
      .add("rms_s", pooled.error.rms() * 1e-6)
      .add("p99_s", pooled.error.quantile(0.99) * 1e-6)
      .add("worst_s", pooled.error.quantile(1) * 1e-6)
      .add("worst_seed_rms_s", o.summary.worst_seed_rms_us * 1e-6)
      .add("estimate_rms_s", pooled.estimate.root() * 1e-6)
      .add("error_rms_s", pooled.claimed.root() * 1e-6)
      .add("linear_rms_s", pooled.linear.root() * 1e-6)
      .add("frequency_rms_ppb", pooled.rate_ppb.root())
      .add("seconds", pooled.seconds_known)
      .add("outside_error", pooled.errors_broken)
      .add("outside_bound", pooled.bounds_broken)
      .add("queries", pooled.queries);
  add_times(line, "cold", o.summary.cold);
  if (o.scenario.stepped_at) {
    add_times(line, "after_step", o.summary.after_step);
    add_times(line, "estimate_after_step", o.summary.estimate_after_step);
  }
  if (!o.summary.holdover.empty()) add_holdover(line, o.summary.holdover);
  return line.text();
}

std::string line_of(const Verdict& v, Timestamp<Realtime> now) {
  JsonObject line = JsonObject::line("goal", now);
  line.add("scenario", v.scenario).add("what", v.what).add("value", v.value);
  line.add("most", v.most).add("passed", v.passed());
  return line.text();
}

}  // namespace

std::string json_lines(const std::vector<Outcome>& outcomes, const std::vector<Verdict>& verdicts) {
  const Timestamp<Realtime> now = realtime_now();
  std::string out;
  for (const Outcome& o : outcomes) out += line_of(o, now) + '\n';
  for (const Verdict& v : verdicts) out += line_of(v, now) + '\n';
  return out;
}

}  // namespace timecast::simulate
